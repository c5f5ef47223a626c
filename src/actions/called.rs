//! What items of queries are called where people read of them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::base::on_screen_within;

/// The widest that a name may be. Whoever made a thing chose its name.
const WIDEST: usize = 80;

/// The widest that a text may be that a runbook or a query has written: it says of whom a thing is and who did it.
const WIDEST_TEXT: usize = 600;

/// The most items that are named one by one.
const MOST: usize = 40;

/// An item in a few words: its name with its id and Region, or what it has of these.
pub fn called(item: &Value) -> String {
    let part = |member: &str| {
        let text = item.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())?;
        Some(on_screen_within(text, WIDEST))
    };
    if let Some(text) = item.as_str() {
        return on_screen_within(text, WIDEST_TEXT);
    }
    let region = part("region");
    match (part("name").or_else(|| part("title")), part("id").or_else(|| part("serial"))) {
        (Some(name), id) => {
            let place: Vec<String> = [id, region].into_iter().flatten().filter(|text| *text != name).collect();
            if place.is_empty() { name } else { format!("{name} ({})", place.join(", ")) }
        }
        (None, Some(id)) => {
            let of = part("user").map(|user| format!(" of {user}")).unwrap_or_default();
            id + &of + &region.map(|region| format!(" in {region}")).unwrap_or_default()
        }
        (None, None) => on_screen_within(&item.to_string(), WIDEST),
    }
}

/// Who made an item, in a few words; nothing where nobody asked.
fn maker(item: &Value) -> Option<String> {
    let by = item.get("created_by")?.as_str()?;
    Some(match by.splitn(6, ':').nth(5) {
        Some(resource) => format!(", made by {}", on_screen_within(resource, WIDEST)),
        None if by.starts_with("not") => format!(", maker {by}"),
        None => format!(", made by {}", on_screen_within(by, WIDEST)),
    })
}

/// A list in prose: what each item is called and who made it, as far as that was asked for.
pub fn called_all(items: &[Value]) -> String {
    let mut seen = BTreeSet::new();
    let names = items.iter().map(|item| called(item) + &maker(item).unwrap_or_default());
    let mut names: Vec<String> = names.filter(|name| seen.insert(name.clone())).collect();
    if names.len() > MOST {
        let more = names.split_off(MOST).len();
        names.push(format!("and {more} more, as the plan lists them"));
    }
    if names.is_empty() { "none".to_owned() } else { names.join("; ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_is_called_by_what_it_has() {
        for (item, name) in [
            (json!({ "id": "AAAAAAAAAA", "name": "shop", "region": "eu-west-1" }), "shop (AAAAAAAAAA, eu-west-1)"),
            (json!({ "id": "AKIAIOSFODNN7EXAMPLE", "user": "ada" }), "AKIAIOSFODNN7EXAMPLE of ada"),
            (json!({ "id": "AIDA1", "name": "ada" }), "ada (AIDA1)"),
            (json!({ "id": "AAAAAAAAAA", "name": "", "region": "eu-west-1" }), "AAAAAAAAAA in eu-west-1"),
            (json!("one"), "one"),
        ] {
            assert_eq!(called(&item), name);
        }
        let told = "grant AdministratorAccess of user svc-backup by arn:aws:sts::111122223333:assumed-role/report-reader/x at \
                    2026-11-22T01:10:00Z";
        assert_eq!(called(&json!(told)), told, "who did it comes last");
        let hostile = called(&json!(format!("a\u{1b}[2J{}", "b".repeat(900))));
        assert!(!hostile.contains('\u{1b}') && hostile.chars().count() <= WIDEST_TEXT, "{hostile}");
        let hostile = called(&json!({ "name": format!("a\u{1b}[2J{}", "b".repeat(200)) }));
        assert!(!hostile.contains('\u{1b}') && hostile.chars().count() <= WIDEST, "{hostile}");
    }

    #[test]
    fn a_list_names_makers_where_they_were_asked_for() {
        let session = "arn:aws:sts::111122223333:assumed-role/ml/s";
        let list = [
            json!({ "name": "a", "created_by": session }),
            json!({ "name": "b", "created_by": "not known" }),
            json!({ "name": "c" }),
        ];
        assert_eq!(called_all(&list), "a, made by assumed-role/ml/s; b, maker not known; c");
        assert_eq!(called_all(&[]), "none");
        let many: Vec<Value> = (0..MOST + 2).map(|number| json!(format!("x{number}"))).collect();
        assert!(called_all(&many).ends_with("; x39; and 2 more, as the plan lists them"));
        assert_eq!(called_all(&vec![json!("x"); MOST + 2]), "x", "what is called alike is named once");
    }
}
