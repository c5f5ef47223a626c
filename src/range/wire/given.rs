//! Reads what a scenario gives in the form of a service's replies.

use serde_json::{Map, Value};

use super::table::{Kind, Service, Shape, service};
use super::{ServiceName, read, write};

/// A value of a shape as worlds hold it, out of one whose members are spelt as on the wire or as in the service model. Members that
/// the shape does not have are left out; the error says what does not fit.
pub(crate) fn given(of: ServiceName, shape: &str, value: &Value) -> Result<Value, String> {
    let service = service(of);
    let shape = service.shape(shape);
    let spelt = spelt(service, shape, value);
    let read = read::from_json(service, shape, spelt).map_err(|misfit| misfit.to_string())?;
    write::to_json(service, shape, &read, "").map_err(|error| error.to_string())?;
    Ok(read)
}

/// The same value with its members spelt as on the wire.
fn spelt(service: &Service, shape: &Shape, value: &Value) -> Value {
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(given)) => {
            let members = shape.members.iter().filter_map(|member| {
                let value = given.get(member.wire_name()).or_else(|| given.get(&member.name))?;
                Some((member.wire_name().to_owned(), spelt(service, service.shape_of(member), value)))
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        (Kind::List, Value::Array(items)) => {
            items.iter().map(|item| spelt(service, service.item_of(shape), item)).collect()
        }
        (Kind::Map, Value::Object(entries)) => {
            let of = service.value_of(shape);
            entries.iter().map(|(key, value)| (key.clone(), spelt(service, of, value))).collect()
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_are_one() {
        let on_the_wire = json!({
            "id": "f", "accountId": "111122223333", "arn": "a", "createdAt": "c", "updatedAt": "u", "region": "us-east-1",
            "schemaVersion": "2.0", "severity": 2, "type": "t", "later": { "x": 1 },
            "resource": { "accessKeyDetails": { "accessKeyId": "AKIAIOSFODNN7EXAMPLE" } },
        });
        let in_the_model = json!({
            "Id": "f", "AccountId": "111122223333", "Arn": "a", "CreatedAt": "c", "UpdatedAt": "u", "Region": "us-east-1",
            "SchemaVersion": "2.0", "Severity": 2, "Type": "t", "Later": { "X": 1 },
            "Resource": { "AccessKeyDetails": { "AccessKeyId": "AKIAIOSFODNN7EXAMPLE" } },
        });
        let read = |value: &Value| given(ServiceName::Guardduty, "Finding", value);
        let one = read(&on_the_wire).expect("a finding");
        assert_eq!(one["Resource"]["AccessKeyDetails"]["AccessKeyId"], "AKIAIOSFODNN7EXAMPLE");
        assert_eq!(one.get("Later"), None);
        assert_eq!(read(&in_the_model), Ok(one));
        let mut broken = on_the_wire.clone();
        broken["severity"] = json!("high");
        assert!(read(&broken).is_err());
        broken["severity"] = Value::Null;
        let why = read(&broken).expect_err("no severity");
        assert!(why.contains("`Severity` is missing"), "{why}");
    }
}
