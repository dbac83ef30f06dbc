//! Why a pickle isn't plain data.

use super::MAX_DEPTH;

/// Why a pickle isn't plain data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It names a class or function.
    #[error("names the Python object `{name}`")]
    Global {
        /// `module.name`, as far as it can be read.
        name: String,
    },
    /// It has an opcode that plain data doesn't need.
    #[error("has the opcode {opcode} at byte {position}, which plain data doesn't need")]
    Opcode {
        /// Its name in Python's `pickletools`.
        opcode: &'static str,
        /// Where.
        position: usize,
    },
    /// It has a byte that is no opcode.
    #[error("has no opcode for the byte 0x{byte:02x} at byte {position}")]
    Unknown {
        /// The byte.
        byte: u8,
        /// Where.
        position: usize,
    },
    /// It isn't a pickle of a protocol that is read.
    #[error("doesn't start as a pickle of protocol 2 to 5")]
    Protocol,
    /// Containers are nested too deep.
    #[error("is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// It has too many values, or repeats too many bytes by reference.
    #[error("holds more data than an artifact may")]
    TooLarge,
    /// It refers to a container by memo.
    #[error("refers to a container twice at byte {position}")]
    SharedContainer {
        /// Where.
        position: usize,
    },
    /// A length reaches beyond the end, or STOP is missing.
    #[error("ends in the middle")]
    Truncated,
    /// Bytes follow STOP.
    #[error("goes on after its end at byte {position}")]
    Trailing {
        /// The first byte too many.
        position: usize,
    },
    /// The opcodes don't fit together.
    #[error("is malformed at byte {position}: {what}")]
    Malformed {
        /// Where.
        position: usize,
        /// What is wrong.
        what: &'static str,
    },
}

/// `pickletools`' name of an opcode that isn't plain data.
pub(super) const fn opcode_name(opcode: u8) -> Option<&'static str> {
    Some(match opcode {
        b'R' => "REDUCE",
        b'b' => "BUILD",
        b'o' => "OBJ",
        0x81 => "NEWOBJ",
        0x92 => "NEWOBJ_EX",
        b'P' => "PERSID",
        b'Q' => "BINPERSID",
        0x82 => "EXT1",
        0x83 => "EXT2",
        0x84 => "EXT4",
        0x8b => "LONG4",
        b'0' => "POP",
        b'1' => "POP_MARK",
        b'2' => "DUP",
        b'I' => "INT",
        b'L' => "LONG",
        b'F' => "FLOAT",
        b'S' => "STRING",
        b'T' => "BINSTRING",
        b'U' => "SHORT_BINSTRING",
        b'V' => "UNICODE",
        b'p' => "PUT",
        b'g' => "GET",
        0x8f => "EMPTY_SET",
        0x90 => "ADDITEMS",
        0x91 => "FROZENSET",
        0x96 => "BYTEARRAY8",
        0x97 => "NEXT_BUFFER",
        0x98 => "READONLY_BUFFER",
        0x80 => "PROTO",
        _ => return None,
    })
}
