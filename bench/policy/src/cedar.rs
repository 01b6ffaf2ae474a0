//! The same questions to Cedar, in its own idiom: folders and buckets are entities above an object,
//! groups are entities above a user.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use crate::Failure;
use crate::world::{self, World};

/// What Cedar is asked.
pub(crate) struct Cedar {
    policies: PolicySet,
    authorizer: Authorizer,
    asked: Vec<(Request, Entities)>,
}

impl Cedar {
    /// Prepares everything that is not the decision itself.
    pub(crate) fn new(world: &World) -> Result<Self, Failure> {
        let policies = world.cedar.parse()?;
        let asked = world.requests.iter().map(|own| asked(own, world.groups));
        Ok(Self {
            policies,
            authorizer: Authorizer::new(),
            asked: asked.collect::<Result<_, _>>()?,
        })
    }

    /// How many requests there are.
    pub(crate) fn len(&self) -> usize {
        self.asked.len()
    }

    /// Whether a request is allowed.
    pub(crate) fn decide(&self, place: usize) -> bool {
        let Some((request, entities)) = self.asked.get(place) else { return false };
        let answer = self.authorizer.is_authorized(black_box(request), &self.policies, entities);
        answer.decision() == Decision::Allow
    }
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, Failure> {
    Ok(format!("{kind}::\"{id}\"").parse()?)
}

fn asked(own: &world::Request, groups: usize) -> Result<(Request, Entities), Failure> {
    let mut entities = Vec::new();
    let mut above = HashSet::new();
    for n in 0..groups {
        let group = uid("Group", &format!("g{n}"))?;
        entities.push(Entity::new_no_attrs(group.clone(), HashSet::new()));
        above.insert(group);
    }
    let name =
        HashMap::from([("name".to_owned(), RestrictedExpression::new_string("bench".into()))]);
    let user = uid("User", "bench")?;
    entities.push(Entity::new(user.clone(), name, above)?);
    let name = own.check.resource.resource();
    let mut parts = name.split('/');
    let bucket = uid("Bucket", parts.next().unwrap_or_default())?;
    entities.push(Entity::new_no_attrs(bucket.clone(), HashSet::new()));
    let mut parent = bucket.clone();
    let mut resource = bucket;
    if let Some((folders, _)) = name.rsplit_once('/') {
        let mut path = folders.split('/');
        let mut folder = path.next().unwrap_or_default().to_owned();
        for part in path {
            folder = format!("{folder}/{part}");
            let own = uid("Folder", &folder)?;
            entities.push(Entity::new_no_attrs(own.clone(), HashSet::from([parent])));
            parent = own;
        }
        let owner = name.split('/').nth(1).unwrap_or_default().to_owned();
        let owner = HashMap::from([("owner".to_owned(), RestrictedExpression::new_string(owner))]);
        resource = uid("Object", name)?;
        entities.push(Entity::new(resource.clone(), owner, HashSet::from([parent]))?);
    }
    let mut context = vec![
        ("secure".to_owned(), RestrictedExpression::new_bool(true)),
        ("sourceIp".to_owned(), RestrictedExpression::new_ip(own.address)),
    ];
    if let Some(prefix) = &own.prefix {
        context.push(("prefix".to_owned(), RestrictedExpression::new_string(prefix.clone())));
    }
    let action = uid("Action", own.check.action.name())?;
    let context = Context::from_pairs(context)?;
    let request = Request::new(user, action, resource, context, None)?;
    Ok((request, Entities::from_entities(entities, None)?))
}
