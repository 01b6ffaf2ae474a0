//! Resources that name nothing there can be: what AWS refuses in an identity policy although the
//! grammar has it. Only who writes a policy is told so; what is kept is read as it always was.

use crate::actions;
use crate::error::Fault;
use crate::glob::ARN_PARTS;

/// The partitions there are.
pub(crate) const PARTITIONS: [&str; 8] =
    ["aws", "aws-cn", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-us-gov"];

/// Types of S3's resources that have an account and a region, by what their names begin with.
pub(crate) const S3_OF_ACCOUNTS: [&str; 6] =
    ["access-grants", "accesspoint", "async-request", "job", "storage-lens", "storage-lens-group"];

/// Why a whole resource name names nothing there can be, if it does not.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let parts: Vec<&str> = text.splitn(ARN_PARTS, ':').collect();
    let [_, partition, service, region, _, resource] = parts.as_slice() else { return None };
    let first = resource.split(['/', ':']).next().unwrap_or_default();
    if !is_partition(partition) {
        return Some(Fault::Partition(text.to_owned()));
    }
    let regional = match *service {
        "s3" => S3_OF_ACCOUNTS.contains(&first),
        "iam" => false,
        _ => return None,
    };
    if !regional && !region.is_empty() && !is_open(region) {
        return Some(Fault::Region(text.to_owned()));
    }
    let known = || {
        let forms = actions::resource_types("iam")
            .filter_map(|kind| kind.arn().splitn(ARN_PARTS, ':').last());
        forms.map(|form| form.split('/').next().unwrap_or(form)).any(|form| form == first)
    };
    let nothing = *service == "iam" && !is_open(first) && !known();
    nothing.then(|| Fault::ResourcePath(text.to_owned()))
}

/// Whether a partition exists, or is a pattern.
pub(crate) fn is_partition(text: &str) -> bool {
    is_open(text) || PARTITIONS.contains(&text)
}

/// Whether a part of a name is not told by its text alone.
fn is_open(text: &str) -> bool {
    text.contains(['*', '?', '$'])
}

/// AWS's sentence about a resource that is no whole name. It looks at the second part first,
/// whatever the first is.
pub(crate) fn message(text: &str) -> String {
    let whole = || format!("Resource {text} must be in ARN format or \"*\".");
    let Some((first, rest)) = text.split_once(':') else { return whole() };
    let (partition, after) = rest.split_once(':').unwrap_or((rest, ""));
    if !is_partition(partition) && !partition.is_empty() {
        let missing = ARN_PARTS.saturating_sub(text.splitn(ARN_PARTS, ':').count());
        let padding = ":*".repeat(missing);
        return format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{rest}{padding}\"."
        );
    }
    let service = after.split(':').next().unwrap_or_default();
    if !rest.contains(':') || service.contains(['*', '?']) {
        return "Resource vendor must be fully qualified and cannot contain regexes.".to_owned();
    }
    if first == "arn" { "The policy failed legacy parsing".to_owned() } else { whole() }
}
