//! Reads untyped values into typed structs, naming the field path of whatever does not fit and the nearest legal name.
//!
//! What does not fit is noted and read as an empty value, so that the rest is looked at too.
//! Values never appear in a message: a functionConfig may hold tokens.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::{self, Display};

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Value};

use super::Problem;
use crate::field_path::FieldPath;

/// The rule that a field breaks by not being there.
const ABSENT: &str = "must be set";

/// Reads `value`, which is at `field`, into a `T`. A field that holds `null` counts as absent, as in Kubernetes.
///
/// # Errors
///
/// Every field that is unknown, missing or of a wrong type.
pub fn read<T: DeserializeOwned>(value: &Value, field: &FieldPath) -> Result<T, Vec<Problem>> {
    let mut notes = Notes::default();
    loop {
        let read = T::deserialize(Shape { value, field: field.clone(), notes: &notes });
        let mut problems = notes.problems.take();
        match read {
            Ok(read) if problems.is_empty() => return Ok(read),
            Ok(_) => return Err(problems),
            // serde tells which fields of a struct are required one at a time, and only by giving up.
            Err(Misfit { required: Some(required), .. }) if notes.required.insert(required) => {}
            Err(Misfit { field, rule, .. }) => {
                problems.push(Problem::new(field, rule));
                return Err(problems);
            }
        }
    }
}

/// What is noted on the way through a value.
#[derive(Default)]
struct Notes {
    problems: RefCell<Vec<Problem>>,
    /// The fields that are known to be required: the name of the struct and that of the field.
    required: BTreeSet<(&'static str, &'static str)>,
}

impl Notes {
    /// Notes a problem, unless it only follows from one that is noted: there is nothing below a value of a wrong type.
    fn add(&self, field: &FieldPath, rule: String) {
        let mut problems = self.problems.borrow_mut();
        if !problems.iter().any(|problem| field.is_in(&problem.field)) {
            problems.push(Problem::new(field, rule));
        }
    }
}

/// The name among `known` that a misspelt one was most likely meant to be.
pub fn nearest<'l>(name: &str, known: impl IntoIterator<Item = &'l str>) -> Option<&'l str> {
    let distance = |known: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase());
    let (distance, best) =
        known.into_iter().map(|known| (distance(known), known)).min_by_key(|(distance, _)| *distance)?;
    (distance <= best.len().div_ceil(2)).then_some(best)
}

/// The remedy for a misspelt name.
fn remedy(name: &str, legal: &[&str]) -> String {
    match nearest(name, legal.iter().copied()) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => format!("the known fields are {}", legal.join(", ")),
    }
}

/// What kind of value there is, without showing it.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value that cannot be read; the field is filled in where it is known.
#[derive(Debug)]
struct Misfit {
    field: FieldPath,
    rule: String,
    /// The field that is missing, with the name of its struct once that is known.
    required: Option<(&'static str, &'static str)>,
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: Display>(rule: T) -> Self {
        Self { field: FieldPath::default(), rule: rule.to_string(), required: None }
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("must be {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("must be {expected}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { required: Some(("", field)), ..Self::custom(ABSENT) }
    }
}

/// A value and where it is.
struct Shape<'v> {
    value: &'v Value,
    field: FieldPath,
    notes: &'v Notes,
}

impl<'v> Shape<'v> {
    /// What the value is, or the empty one of what is expected.
    fn or_empty<T: Default>(&self, fitting: Option<T>, expected: &str) -> T {
        fitting.unwrap_or_else(|| {
            self.notes.add(&self.field, format!("must be {expected}, got {}", type_of(self.value)));
            T::default()
        })
    }

    fn child(&self, value: &'v Value, field: FieldPath) -> Self {
        Self { value, field, notes: self.notes }
    }

    fn entries(&self) -> Vec<(&'v str, &'v Value)> {
        let entries =
            |object: &'v Map<String, Value>| object.iter().map(|(key, value)| (key.as_str(), value)).collect();
        self.or_empty(self.value.as_object().map(entries), "an object")
    }
}

/// Names the place of a misfit that does not name it itself.
fn placed<T>(field: &FieldPath, result: Result<T, Misfit>) -> Result<T, Misfit> {
    result.map_err(|misfit| {
        let field = if misfit.field.is_empty() { field.clone() } else { misfit.field };
        Misfit { field, ..misfit }
    })
}

impl<'de> Deserializer<'de> for Shape<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        placed(&self.field, self.value.clone().deserialize_any(visitor).map_err(de::Error::custom))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_bool(self.or_empty(self.value.as_bool(), "true or false"))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_f64(self.or_empty(self.value.as_f64(), "a number"))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_str(self.or_empty(self.value.as_str(), "a string"))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let values = self.or_empty(self.value.as_array().map(Vec::as_slice), "a list");
        visitor.visit_seq(Elements { shape: &self, values: values.iter().enumerate() })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let rest = self.entries().into_iter();
        visitor.visit_map(Entries { shape: &self, rest, value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let (mut given, unknown): (Vec<_>, Vec<_>) =
            self.entries().into_iter().partition(|(key, _)| fields.contains(key));
        for (key, _) in unknown {
            let rule = format!("is no known field; {}", remedy(key, fields));
            self.notes.add(&self.field.key(key), rule);
        }
        given.retain(|(_, value)| !value.is_null());
        for (_, required) in self.notes.required.iter().filter(|(of, _)| *of == name) {
            if !given.iter().any(|(key, _)| key == required) {
                self.notes.add(&self.field.key(required), ABSENT.to_owned());
                given.push((*required, &Value::Null));
            }
        }
        let read = visitor.visit_map(Entries { shape: &self, rest: given.into_iter(), value: None });
        read.map_err(|misfit| match misfit.required {
            Some(("", field)) => Misfit { required: Some((name, field)), ..misfit },
            _ => misfit,
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let name = self.or_empty(self.value.as_str(), "a string");
        if variants.contains(&name) {
            return visitor.visit_enum(Variant(name));
        }
        // What is much longer than a name may be a token in the wrong place.
        let got = if name.len() <= 32 { format!("{name:?}") } else { "another string".to_owned() };
        let remedy = nearest(name, variants.iter().copied()).map(|nearest| format!("; did you mean \"{nearest}\"?"));
        let rule = format!("must be one of {}, got {got}{}", variants.join(", "), remedy.unwrap_or_default());
        self.notes.add(&self.field, rule);
        visitor.visit_enum(Variant(variants.first().copied().unwrap_or_default()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

struct Elements<'s, 'v> {
    shape: &'s Shape<'v>,
    values: std::iter::Enumerate<std::slice::Iter<'v, Value>>,
}

impl<'de> de::SeqAccess<'de> for Elements<'_, '_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some((index, value)) = self.values.next() else { return Ok(None) };
        let child = self.shape.child(value, self.shape.field.index(index));
        let field = child.field.clone();
        placed(&field, seed.deserialize(child)).map(Some)
    }
}

struct Entries<'s, 'v> {
    shape: &'s Shape<'v>,
    rest: std::vec::IntoIter<(&'v str, &'v Value)>,
    value: Option<(&'v str, &'v Value)>,
}

impl<'de> de::MapAccess<'de> for Entries<'_, '_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        self.value = self.rest.next();
        let Some((key, _)) = self.value else { return Ok(None) };
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        let (key, value) = self.value.expect("a value is asked for after its key");
        let child = self.shape.child(value, self.shape.field.key(key));
        let field = child.field.clone();
        placed(&field, seed.deserialize(child))
    }
}

/// The name of a variant that holds nothing.
struct Variant<'v>(&'v str);

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Misfit> {
        Ok((seed.deserialize(StrDeserializer::new(self.0))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Misfit> {
        Err(de::Error::custom("must be a name"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Misfit> {
        Err(de::Error::custom("must be a name"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Misfit> {
        Err(de::Error::custom("must be a name"))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "the tests read it, they do not use it")]
    struct Outer {
        list_of: Option<Vec<Inner>>,
        color: Option<Color>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "the tests read it, they do not use it")]
    struct Inner {
        name: String,
        size: Option<f64>,
    }

    #[derive(Debug, Deserialize)]
    enum Color {
        Red,
        DarkBlue,
    }

    fn problems(value: &Value) -> Vec<String> {
        read::<Outer>(value, &"spec".into())
            .expect_err("it must not fit")
            .into_iter()
            .map(|problem| format!("{} {}", problem.field, problem.rule))
            .collect()
    }

    #[test]
    fn what_fits_is_read_and_null_counts_as_absent() {
        let outer: Outer = read(&json!({"listOf": [{"name": "a", "size": 1}], "color": null}), &"spec".into()).unwrap();
        assert_eq!(outer.list_of.unwrap()[0].size, Some(1.0));
        assert!(outer.color.is_none());
    }

    #[test]
    fn all_unknown_fields_are_named_with_their_path_and_the_nearest_name() {
        assert_eq!(
            problems(&json!({"listof": [], "listOf": [{"name": "a", "nmae": "b"}]})),
            [
                "spec.listof is no known field; did you mean \"listOf\"?",
                "spec.listOf[0].nmae is no known field; did you mean \"name\"?",
            ]
        );
    }

    #[test]
    fn wrong_types_name_the_field_and_never_the_value() {
        for (value, expected) in [
            (json!({"listOf": "hunter2"}), "spec.listOf must be a list, got a string"),
            (json!({"listOf": ["hunter2"]}), "spec.listOf[0] must be an object, got a string"),
            (json!({"listOf": [{"name": 1}]}), "spec.listOf[0].name must be a string, got a number"),
            (json!({"listOf": [{}]}), "spec.listOf[0].name must be set"),
            (
                json!({"listOf": [{"name": "a", "size": "hunter2"}]}),
                "spec.listOf[0].size must be a number, got a string",
            ),
            (json!("hunter2"), "spec must be an object, got a string"),
        ] {
            assert_eq!(problems(&value), [expected]);
        }
    }

    #[test]
    fn everything_that_does_not_fit_is_named_at_once() {
        let value = json!({
            "color": "gren",
            "listOf": [{}, {"name": 1, "size": "hunter2"}, "hunter2", {"name": "a", "size": true}, {"size": 1, "x": 1}],
        });
        assert_eq!(
            problems(&value),
            [
                "spec.color must be one of Red, DarkBlue, got \"gren\"; did you mean \"Red\"?",
                "spec.listOf[0].name must be set",
                "spec.listOf[1].name must be a string, got a number",
                "spec.listOf[1].size must be a number, got a string",
                "spec.listOf[2] must be an object, got a string",
                "spec.listOf[3].size must be a number, got a boolean",
                "spec.listOf[4].x is no known field; the known fields are name, size",
                "spec.listOf[4].name must be set",
            ]
        );
    }

    #[test]
    fn a_misspelt_name_of_an_enum_is_answered_with_the_legal_ones() {
        assert_eq!(
            problems(&json!({"color": "darkblue"})),
            ["spec.color must be one of Red, DarkBlue, got \"darkblue\"; did you mean \"DarkBlue\"?"]
        );
    }
}
