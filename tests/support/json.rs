//! Reads what the assistant and cargo print for scripts, and fails where something else stands.

pub use serde_json::Value as Json;

/// What a value must be; everything else is a failure.
pub trait Strict: Sized {
    fn read(text: &str) -> Self;
    fn at(&self, key: &str) -> &Self;
    fn text(&self) -> String;
    fn items(&self) -> &[Self];
}

impl Strict for Json {
    #[track_caller]
    fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[track_caller]
    fn at(&self, key: &str) -> &Self {
        self.get(key).unwrap_or_else(|| panic!("no {key} in {self}"))
    }

    #[track_caller]
    fn text(&self) -> String {
        self.as_str().unwrap_or_else(|| panic!("not a string: {self}")).to_owned()
    }

    #[track_caller]
    fn items(&self) -> &[Self] {
        self.as_array().unwrap_or_else(|| panic!("not an array: {self}"))
    }
}
