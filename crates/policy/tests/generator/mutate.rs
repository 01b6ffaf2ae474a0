//! Near misses: a text of a request turned into patterns that match it, nearly match it, or match
//! it through a variable.

use super::dice::Dice;

/// Variables with a value that a text may contain in their place.
const STANDING_FOR: &[(&str, &str)] = &[
    ("alice", "${aws:username}"),
    ("alice", "${aws:username, 'alice'}"),
    ("111122223333", "${aws:PrincipalAccount}"),
    ("team", "${aws:PrincipalTag/Team}"),
    ("k", "${aws:PrincipalTag/Team, 'k'}"),
    ("a", "${s3:prefix}"),
    ("a", "${AWS:principaltag/team, 'a'}"),
    ("A", "${s3:prefix, 'A'}"),
    ("b", "${idp.example:sub}"),
    ("*", "${*}"),
    ("k", "${aws:TagKeys}"),
    ("a", "${aws:username}*"),
    ("$", "${$}"),
    ("é", "${aws:PrincipalTag/Team, 'é'}"),
];

/// A text with the case of some letters changed.
pub(crate) fn recased(dice: &mut Dice, text: &str) -> String {
    let every = dice.chance(50);
    let mut flip = |c: char| {
        let other =
            if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        if every || dice.chance(30) { other } else { c }
    };
    text.chars().map(&mut flip).collect()
}

/// `s3:GetObject` as a pattern; only the name changes its letters.
pub(crate) fn action(dice: &mut Dice, text: &str) -> String {
    let (service, name) = text.split_once(':').unwrap_or(("s3", text));
    match dice.weighted(&[30, 12, 6, 10, 30, 10, 2]) {
        0 => text.to_owned(),
        1 => format!("{service}:*"),
        2 => "*".to_owned(),
        3 => recased(dice, text),
        4 => format!("{service}:{}", generalised(dice, name)),
        5 => format!("{service}:{}", broken(dice, name)),
        _ => {
            let odd = [
                "s3:Get Object",
                "s3:",
                " s3:GetObject",
                "s3:GetObject,s3:PutObject",
                "*:*",
                "s*:*",
            ];
            let pick = dice.pick(&odd.map(str::to_owned));
            if service == "s3" { pick } else { format!("{service}:") }
        }
    }
}

/// A resource name as a pattern: only what follows the fifth colon, mostly.
pub(crate) fn resource(dice: &mut Dice, text: &str) -> String {
    if text == "*" || dice.chance(6) {
        return dice.pick(
            &["*", "arn:aws:s3:::*", "arn:aws:iam::*:*", "arn:*:s3:*:*:*"].map(str::to_owned),
        );
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, name] = parts.as_slice() else {
        return text.to_owned();
    };
    let (mut partition, mut region, mut account) =
        ((*partition).to_owned(), (*region).to_owned(), (*account).to_owned());
    if dice.chance(8) {
        match dice.below(5) {
            0 => partition = "*".to_owned(),
            1 => region = "*".to_owned(),
            2 => account = "*".to_owned(),
            3 => account = broken(dice, &account).replace(':', ""),
            _ => partition = "aw?".to_owned(),
        }
    }
    let weights = if name.contains('$') {
        // Half a variable is refused: such a name mostly stays whole.
        [60, 1, 0, 19, 1, 19]
    } else {
        [22, 26, 12, 22, 10, 8]
    };
    let name = match dice.weighted(&weights) {
        0 => (*name).to_owned(),
        1 => generalised(dice, name),
        2 => {
            let once = generalised(dice, name);
            generalised(dice, &once)
        }
        3 => with_variable(dice, name),
        4 => broken(dice, name),
        _ => {
            let bucket = name.split('/').next().unwrap_or("b");
            format!("{bucket}/*")
        }
    };
    let name = if name.is_empty() { "*".to_owned() } else { name };
    format!("{arn}:{partition}:{service}:{region}:{account}:{name}")
}

/// A name near this one: what a request asks for instead.
pub(crate) fn near(dice: &mut Dice, text: &str) -> String {
    let Some((at, _)) = text.match_indices(':').nth(4) else { return text.to_owned() };
    let (head, name) = text.split_at_checked(at.saturating_add(1)).unwrap_or((text, ""));
    let name = if dice.chance(20) { recased(dice, name) } else { broken(dice, name) };
    if name.is_empty() { text.to_owned() } else { format!("{head}{name}") }
}

/// A pattern that matches the text.
fn generalised(dice: &mut Dice, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let from = dice.below(letters.len().saturating_add(1));
    let length = dice.below(letters.len().saturating_sub(from).saturating_add(1));
    match dice.below(4) {
        0 => {
            letters.truncate(from);
            letters.push('*');
        }
        1 => {
            letters.splice(from..from.saturating_add(length), ['*']);
        }
        2 => {
            if let Some(letter) = letters.get_mut(from) {
                *letter = '?';
            }
        }
        _ => {
            letters.splice(0..from, ['*']);
        }
    }
    letters.into_iter().collect()
}

/// A text that mostly does not match any more.
fn broken(dice: &mut Dice, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = dice.below(letters.len());
    let other = dice.pick(&['a', 'b', '/', 'A', '?', '*', 'é', 'k', '.']);
    match dice.below(4) {
        0 if letters.len() > 1 => {
            letters.remove(at);
        }
        1 => {
            if let Some(letter) = letters.get_mut(at) {
                *letter = other;
            }
        }
        2 => letters.insert(at, other),
        _ => letters.push(other),
    }
    letters.into_iter().collect()
}

/// The text with a part of it replaced by a variable or an escape.
fn with_variable(dice: &mut Dice, text: &str) -> String {
    let start = dice.below(STANDING_FOR.len());
    let around = STANDING_FOR.iter().cycle().skip(start).take(STANDING_FOR.len());
    for (value, variable) in around {
        if text.contains(value) && !text.contains("${") {
            return text.replacen(value, variable, 1);
        }
    }
    format!("{text}${{s3:prefix, ''}}")
}
