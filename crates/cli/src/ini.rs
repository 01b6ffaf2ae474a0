//! The AWS configuration's format: sections of `name = value` lines (AWS CLI user guide,
//! "Configuration and credential file settings").

/// A value in a section.
pub(crate) fn value(text: &str, section: &str, name: &str) -> Option<String> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(title) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            inside = title.trim() == section;
        } else if inside
            && !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once('=')
            && key.trim() == name
        {
            return Some(value.trim().to_owned());
        }
    }
    None
}

/// The text with the section's lines replaced; every other section stays as it is.
pub(crate) fn with_section(text: &str, section: &str, pairs: &[(&str, &str)]) -> String {
    let mut kept = without_section(text, section);
    if !kept.is_empty() && !kept.ends_with("\n\n") {
        kept.push('\n');
    }
    kept.push_str(&format!("[{section}]\n"));
    for (name, value) in pairs {
        kept.push_str(&format!("{name} = {value}\n"));
    }
    kept
}

/// The text without a section; every other one stays as it is.
pub(crate) fn without_section(text: &str, section: &str) -> String {
    let mut kept = String::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(title) = line.trim().strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            inside = title.trim() == section;
        }
        if !inside {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_its_neighbours_stay() {
        let before = "[a]\nx = 1\n\n[b]\nx = 2\n# note\n[c]\nx = 3\n";
        let after = with_section(before, "b", &[("x", "9")]);
        assert_eq!(value(&after, "a", "x").as_deref(), Some("1"));
        assert_eq!(value(&after, "b", "x").as_deref(), Some("9"));
        assert_eq!(value(&after, "c", "x").as_deref(), Some("3"));
        assert_eq!(after.matches("[b]").count(), 1);
    }

    #[test]
    fn a_section_goes_and_its_neighbours_stay() {
        let before = "[a]\nx = 1\n[b]\nx = 2\n[c]\nx = 3\n";
        assert_eq!(without_section(before, "b"), "[a]\nx = 1\n[c]\nx = 3\n");
        assert_eq!(without_section(before, "d"), before);
    }

    #[test]
    fn a_commented_value_is_none() {
        assert_eq!(value("[a]\n#x = 1\n", "a", "x"), None);
        assert_eq!(value("", "a", "x"), None);
    }
}
