//! Reads untyped values into typed structs, naming the field path of whatever does not fit and the nearest legal name.
//!
//! Values never appear in a message: a functionConfig may hold tokens.

use std::cell::RefCell;
use std::fmt::{self, Display};

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Value};

use super::Problem;

/// Reads `value`, which stands at `field`, into a `T`. A field that holds `null` counts as absent, as in Kubernetes.
///
/// # Errors
///
/// Every unknown field, and the first value of a wrong type.
pub fn read<T: DeserializeOwned>(value: &Value, field: &str) -> Result<T, Vec<Problem>> {
    let unknown = RefCell::default();
    let read = T::deserialize(Shape { value, field: field.to_owned(), unknown: &unknown });
    let mut problems = unknown.into_inner();
    match read {
        Ok(read) if problems.is_empty() => Ok(read),
        Ok(_) => Err(problems),
        Err(Misfit { field, rule }) => {
            problems.push(Problem::new(field, rule));
            Err(problems)
        }
    }
}

/// The legal name that a misspelt one was most likely meant to be.
fn nearest<'l>(name: &str, legal: &[&'l str]) -> Option<&'l str> {
    let distance = |candidate: &str| strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
    let best = legal.iter().min_by_key(|candidate| distance(candidate))?;
    (distance(best) <= best.len().div_ceil(2)).then_some(*best)
}

/// The remedy for a misspelt name.
fn remedy(name: &str, legal: &[&str]) -> String {
    match nearest(name, legal) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None => format!("legal are {}", legal.join(", ")),
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

/// A value that does not fit; the field is filled in where it is known.
#[derive(Debug)]
struct Misfit {
    field: String,
    rule: String,
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: Display>(rule: T) -> Self {
        Self { field: String::new(), rule: rule.to_string() }
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("must be {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("must be {expected}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { field: format!(".{field}"), rule: "must be given".to_owned() }
    }
}

/// A value and where it stands.
struct Shape<'v> {
    value: &'v Value,
    field: String,
    unknown: &'v RefCell<Vec<Problem>>,
}

impl<'v> Shape<'v> {
    fn misfit(&self, expected: &str) -> Misfit {
        Misfit { field: self.field.clone(), rule: format!("must be {expected}, got {}", type_of(self.value)) }
    }

    fn child(&self, value: &'v Value, step: &str) -> Self {
        Self { value, field: format!("{}{step}", self.field), unknown: self.unknown }
    }

    fn object(&self) -> Result<&'v Map<String, Value>, Misfit> {
        self.value.as_object().ok_or_else(|| self.misfit("an object"))
    }
}

/// Names the place of a misfit that does not name it itself.
fn placed<T>(field: &str, result: Result<T, Misfit>) -> Result<T, Misfit> {
    result.map_err(|misfit| {
        let is_placed = !misfit.field.is_empty() && !misfit.field.starts_with('.');
        if is_placed { misfit } else { Misfit { field: format!("{field}{}", misfit.field), rule: misfit.rule } }
    })
}

impl<'de> Deserializer<'de> for Shape<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        placed(&self.field, self.value.clone().deserialize_any(visitor).map_err(de::Error::custom))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_bool(self.value.as_bool().ok_or_else(|| self.misfit("true or false"))?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_f64(self.value.as_f64().ok_or_else(|| self.misfit("a number"))?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_str(self.value.as_str().ok_or_else(|| self.misfit("a string"))?)
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
        let values = self.value.as_array().ok_or_else(|| self.misfit("a list"))?;
        visitor.visit_seq(Elements { shape: &self, values: values.iter().enumerate() })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let entries = self.object()?.iter();
        visitor.visit_map(Entries { shape: &self, rest: entries.collect::<Vec<_>>().into_iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let (known, unknown): (Vec<_>, Vec<_>) =
            self.object()?.iter().partition(|(key, _)| fields.contains(&key.as_str()));
        self.unknown.borrow_mut().extend(unknown.into_iter().map(|(key, _)| {
            let field = format!("{}.{key}", self.field);
            Problem::new(field, format!("must not be given, it is no known field: {}", remedy(key, fields)))
        }));
        let rest = known.into_iter().filter(|(_, value)| !value.is_null()).collect::<Vec<_>>().into_iter();
        placed(&self.field, visitor.visit_map(Entries { shape: &self, rest, value: None }))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let name = self.value.as_str().ok_or_else(|| self.misfit("a string"))?;
        if variants.contains(&name) {
            return visitor.visit_enum(Variant(name));
        }
        // What is much longer than a name may be a token in the wrong place.
        let got = if name.len() <= 32 { format!("{name:?}") } else { "another text".to_owned() };
        let remedy = nearest(name, variants).map(|nearest| format!(": did you mean \"{nearest}\"?"));
        let rule = format!("must be one of {}, got {got}{}", variants.join(", "), remedy.unwrap_or_default());
        Err(Misfit { field: self.field, rule })
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
        let child = self.shape.child(value, &format!("[{index}]"));
        let field = child.field.clone();
        placed(&field, seed.deserialize(child)).map(Some)
    }
}

struct Entries<'s, 'v> {
    shape: &'s Shape<'v>,
    rest: std::vec::IntoIter<(&'v String, &'v Value)>,
    value: Option<(&'v String, &'v Value)>,
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
        let child = self.shape.child(value, &format!(".{key}"));
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
        read::<Outer>(value, "spec")
            .expect_err("it must not fit")
            .into_iter()
            .map(|problem| format!("{} {}", problem.field, problem.rule))
            .collect()
    }

    #[test]
    fn what_fits_is_read_and_null_counts_as_absent() {
        let outer: Outer = read(&json!({"listOf": [{"name": "a", "size": 1}], "color": null}), "spec").unwrap();
        assert_eq!(outer.list_of.unwrap()[0].size, Some(1.0));
        assert!(outer.color.is_none());
    }

    #[test]
    fn all_unknown_fields_are_named_with_their_path_and_the_nearest_name() {
        assert_eq!(
            problems(&json!({"listof": [], "listOf": [{"name": "a", "nmae": "b"}]})),
            [
                "spec.listof must not be given, it is no known field: did you mean \"listOf\"?",
                "spec.listOf[0].nmae must not be given, it is no known field: did you mean \"name\"?",
            ]
        );
    }

    #[test]
    fn wrong_types_name_the_field_and_never_the_value() {
        for (value, expected) in [
            (json!({"listOf": "hunter2"}), "spec.listOf must be a list, got a string"),
            (json!({"listOf": ["hunter2"]}), "spec.listOf[0] must be an object, got a string"),
            (json!({"listOf": [{"name": 1}]}), "spec.listOf[0].name must be a string, got a number"),
            (json!({"listOf": [{}]}), "spec.listOf[0].name must be given"),
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
    fn a_misspelt_name_of_an_enum_is_answered_with_the_legal_ones() {
        assert_eq!(
            problems(&json!({"color": "darkblue"})),
            ["spec.color must be one of Red, DarkBlue, got \"darkblue\": did you mean \"DarkBlue\"?"]
        );
    }
}
