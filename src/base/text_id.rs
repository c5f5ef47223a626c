//! Ids that are texts of a certain form.

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct BadId {
    /// The text as it was given.
    pub text: String,
    /// What was wanted, with its article and its form.
    pub wanted: &'static str,
}

/// Declares an id that is a text of a certain form: its type, its format in schemas, what was wanted where a text is none, and
/// what a text must be.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $format:literal, $wanted:literal, $valid:expr $(, such as $example:literal)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the id; the error says which form was wanted.
            pub fn new(text: impl Into<String>) -> Result<Self, $crate::base::BadId> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err($crate::base::BadId { text, wanted: $wanted }) }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::base::BadId;
            fn try_from(text: String) -> Result<Self, $crate::base::BadId> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::base::BadId;
            fn from_str(text: &str) -> Result<Self, $crate::base::BadId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            // The example stands in for ids that are not known yet, wherever one of this form is needed.
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "format": $format $(, "examples": [$example])? })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}
pub(super) use id;
