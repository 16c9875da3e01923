//! Which characters an ordinary text may have.

use super::Unsure;

/// How many bytes are looked at together.
const CHUNK: usize = 64;

/// Whether `bytes` have tabs; unsure when they have characters that YAML forbids, line breaks other than `\n`, or what
/// could be a byte-order mark.
pub(super) fn has_tabs(bytes: &[u8]) -> Result<bool, Unsure> {
    let mut has_tabs = false;
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        // No early end, so that the compiler makes vector instructions of it.
        let is_plain = chunk.iter().fold(true, |all, &byte| all & (byte == b'\n' || (b' '..=b'~').contains(&byte)));
        if !is_plain {
            let start = index * CHUNK;
            for at in start..start + chunk.len() {
                has_tabs |= bytes[at] == b'\t';
                if is_rare(&bytes[at..]) {
                    return Err(Unsure);
                }
            }
        }
    }
    Ok(has_tabs)
}

/// Whether a rare character begins `bytes`, or could.
fn is_rare(bytes: &[u8]) -> bool {
    match bytes {
        [b'\t' | b'\n' | b' '..=b'~', ..] => false,
        // Control characters and NEL; the line and the paragraph separator; U+F000 and above, with the byte-order mark.
        [..=0x7F | 0xEF, ..] | [0xC2, ..=0x9F, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..] => true,
        _ => false,
    }
}
