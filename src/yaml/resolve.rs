//! What Go's readers take a scalar for: numbers, booleans, null, or text.

/// The prefix that `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";

/// A scalar as `yaml.v3` resolves it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    /// Above `i64::MAX`.
    Uint(u64),
    /// Infinities and NaN included.
    Float(f64),
    /// A date or a time; Go makes a `time.Time` of it, JSON a string.
    Timestamp,
    /// Itself.
    Text,
    /// Base64 of the value.
    Binary,
}

/// Resolves a scalar with the tag that is written before it, or none.
///
/// `None` when the value does not fit the tag, which is an error in Go.
pub(super) fn resolve(tag: Option<&str>, value: &str, is_plain: bool) -> Option<Resolved> {
    let Some(tag) = tag.filter(|&tag| tag != "!") else {
        return Some(if is_plain { plain(value) } else { Resolved::Text });
    };
    // `yaml.v3` looks for a timestamp only in untagged text and behind `!!timestamp`.
    match (tag.strip_prefix(CORE).unwrap_or_default(), plain(value)) {
        ("null", Resolved::Null) => Some(Resolved::Null),
        ("bool", resolved @ Resolved::Bool(_)) | ("int", resolved @ (Resolved::Int(_) | Resolved::Uint(_))) => {
            Some(resolved)
        }
        #[allow(clippy::cast_precision_loss, reason = "Go converts the same way")]
        ("float", Resolved::Int(int)) => Some(Resolved::Float(int as f64)),
        ("float", resolved @ Resolved::Float(_)) => Some(resolved),
        ("timestamp", Resolved::Timestamp) => Some(Resolved::Timestamp),
        ("null" | "bool" | "int" | "float" | "timestamp", _) => None,
        ("binary", _) => Some(Resolved::Binary),
        _ => Some(Resolved::Text),
    }
}

/// Resolves an untagged plain scalar, as `yaml.v3` does.
pub(super) fn plain(value: &str) -> Resolved {
    match value.bytes().next() {
        None => Resolved::Null,
        Some(b't' | b'T' | b'f' | b'F' | b'n' | b'N' | b'~') => word(value),
        Some(b'.') => match value {
            ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Resolved::Float(f64::INFINITY),
            // Go hands what begins with a dot to its own number syntax, which has underscores between digits alone.
            _ => between_digits(value).and_then(|digits| decimal(&digits)).map_or(Resolved::Text, Resolved::Float),
        },
        Some(b'+' | b'-' | b'0'..=b'9') => number(value),
        Some(_) => Resolved::Text,
    }
}

fn word(value: &str) -> Resolved {
    match value {
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        _ => Resolved::Text,
    }
}

fn number(value: &str) -> Resolved {
    match value {
        "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    if is_timestamp(value) {
        return Resolved::Timestamp;
    }
    let digits = value.replace('_', "");
    if let Some(int) = go_int(&digits) {
        return int;
    }
    if let Some(float) = decimal(&digits) {
        return Resolved::Float(float);
    }
    // What Go's base detection leaves over: a sign behind the prefix, as in `0b-1`.
    for (prefix, base) in [("0b", 2), ("0o", 8)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return signed(rest, base).unwrap_or(Resolved::Text);
        }
    }
    Resolved::Text
}

/// `strconv.ParseInt(digits, 0, 64)`, then `strconv.ParseUint`.
fn go_int(digits: &str) -> Option<Resolved> {
    let (is_signed, is_negative, rest) = match digits.as_bytes().first()? {
        b'+' => (true, false, &digits[1..]),
        b'-' => (true, true, &digits[1..]),
        _ => (false, false, digits),
    };
    let bytes = rest.as_bytes();
    let (base, rest) = match (bytes.first()?, bytes.get(1).map(u8::to_ascii_lowercase), bytes.len()) {
        (b'0', Some(b'x'), 3..) => (16, &rest[2..]),
        (b'0', Some(b'o'), 3..) => (8, &rest[2..]),
        (b'0', Some(b'b'), 3..) => (2, &rest[2..]),
        (b'0', Some(_), _) => (8, &rest[1..]),
        _ => (10, rest),
    };
    if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(rest, base).ok()?;
    match (i64::try_from(magnitude), is_negative) {
        (Ok(int), true) => Some(Resolved::Int(-int)),
        (Ok(int), false) => Some(Resolved::Int(int)),
        (Err(_), true) if magnitude == i64::MIN.unsigned_abs() => Some(Resolved::Int(i64::MIN)),
        (Err(_), false) if !is_signed => Some(Resolved::Uint(magnitude)),
        _ => None,
    }
}

/// `strconv.ParseInt(digits, base, 64)`, then `strconv.ParseUint`.
fn signed(digits: &str, base: u32) -> Option<Resolved> {
    i64::from_str_radix(digits, base).map(Resolved::Int).ok().or_else(|| {
        let is_unsigned = !digits.starts_with(['+', '-']);
        is_unsigned.then(|| u64::from_str_radix(digits, base).map(Resolved::Uint).ok()).flatten()
    })
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`, in the range of a float.
fn decimal(text: &str) -> Option<f64> {
    fn skip_digits(bytes: &[u8]) -> &[u8] {
        &bytes[bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()..]
    }
    fn skip_sign(bytes: &[u8]) -> &[u8] {
        &bytes[usize::from(matches!(bytes.first(), Some(b'+' | b'-')))..]
    }
    let start = skip_sign(text.as_bytes());
    let mut rest = skip_digits(start);
    let whole = start.len() - rest.len();
    if let Some(fraction) = rest.strip_prefix(b".") {
        rest = skip_digits(fraction);
        if whole == 0 && rest.len() == fraction.len() {
            return None;
        }
    } else if whole == 0 {
        return None;
    }
    if let Some(b'e' | b'E') = rest.first() {
        let exponent = skip_sign(&rest[1..]);
        rest = skip_digits(exponent);
        if rest.len() == exponent.len() {
            return None;
        }
    }
    // Go takes a number that is too large for text.
    let float: f64 = if rest.is_empty() { text.parse().ok()? } else { return None };
    float.is_finite().then_some(float)
}

/// A number without its underscores; `None` when one stands elsewhere than between two digits.
fn between_digits(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut underscores = text.match_indices('_').map(|(at, _)| at);
    underscores.all(|at| at > 0 && is_digit(at - 1) && is_digit(at + 1)).then(|| text.replace('_', ""))
}

/// Whether Go's `time.Parse` takes `text` in one of the four formats of `yaml.v3`.
fn is_timestamp(text: &str) -> bool {
    timestamp(text).is_some()
}

fn timestamp(text: &str) -> Option<()> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return None;
    }
    let year: u32 = text[..4].parse().ok()?;
    let (month, rest) = small(&bytes[5..])?;
    let (day, rest) = small(rest.strip_prefix(b"-")?)?;
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    let (has_zone, rest) = match rest {
        [] => return Some(()),
        [b'T' | b't', rest @ ..] => (true, rest),
        // A space in a Go format takes any number of spaces.
        [b' ', ..] => (false, rest.trim_ascii_start()),
        _ => return None,
    };
    // The hour is `15` in the format: one or two digits, as the short minutes and seconds are.
    let (hour, rest) = small(rest)?;
    let (minute, rest) = small(rest.strip_prefix(b":")?)?;
    let (second, mut rest) = small(rest.strip_prefix(b":")?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    if let Some(fraction) = rest.strip_prefix(b".").or_else(|| rest.strip_prefix(b",")) {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        rest = &fraction[digits..];
    }
    if !has_zone {
        return rest.is_empty().then_some(());
    }
    match rest {
        b"Z" => Some(()),
        [b'+' | b'-', h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()) => {
            let two = |tens: &u8, ones: &u8| (tens - b'0') * 10 + (ones - b'0');
            (two(h1, h2) <= 24 && two(m1, m2) < 60).then_some(())
        }
        _ => None,
    }
}

/// One or two digits and what follows them.
fn small(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let count = bytes.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    let number = bytes[..count].iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0'));
    (count > 0).then_some((number, &bytes[count..]))
}
