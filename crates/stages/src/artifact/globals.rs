//! Which Python modules a pickle names, found without loading it.
//!
//! A diagnosis and not a guard: pickle can make names while it is loaded, so a pickle that names
//! nothing odd may still do anything.

use std::collections::{BTreeMap, BTreeSet};

use super::opcodes::Refusal;

/// Modules, and what of each is named.
pub type Globals = BTreeMap<String, BTreeSet<String>>;

/// The modules, classes and functions that a pickle of any protocol names.
///
/// # Errors
/// When it has a byte that is no opcode, or ends in the middle.
pub fn globals(pickle: &[u8]) -> Result<Globals, Refusal> {
    let mut scan = Scan {
        pickle,
        position: 0,
        recent: [None, None],
        memo: BTreeMap::new(),
        memoized: 0,
        globals: Globals::new(),
    };
    while scan.step()? {}
    Ok(scan.globals)
}

/// A walk over the opcodes that remembers text, because a name is made of the two pieces of text
/// before it.
struct Scan<'a> {
    pickle: &'a [u8],
    position: usize,
    /// The last two values, newest last, where they are text.
    recent: [Option<&'a str>; 2],
    memo: BTreeMap<u32, &'a str>,
    memoized: u32,
    globals: Globals,
}

impl<'a> Scan<'a> {
    /// Reads an opcode; whether it wasn't the last.
    fn step(&mut self) -> Result<bool, Refusal> {
        let at = self.position;
        let [opcode] = self.take::<1>()?;
        match opcode {
            b'.' => return Ok(false),
            b'c' | b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                self.name(module, name);
            }
            0x93 => {
                if let [Some(module), Some(name)] = self.recent {
                    self.name(module, name);
                }
            }
            b'X' | 0x8c | 0x8d => {
                let length = self.length(opcode)?;
                let text = std::str::from_utf8(self.skip(length)?).ok();
                self.push(text);
            }
            b'q' => {
                let [id] = self.take::<1>()?;
                self.memoize(u32::from(id));
            }
            b'r' => {
                let id = u32::from_le_bytes(self.take()?);
                self.memoize(id);
            }
            0x94 => self.memoize(self.memoized),
            b'h' => {
                let [id] = self.take::<1>()?;
                self.recall(u32::from(id));
            }
            b'j' => {
                let id = u32::from_le_bytes(self.take()?);
                self.recall(id);
            }
            _ => self.other(opcode, at)?,
        }
        Ok(true)
    }

    /// Steps over the argument of an opcode that has nothing to do with names.
    fn other(&mut self, opcode: u8, at: usize) -> Result<(), Refusal> {
        match opcode {
            // no argument
            b'('
            | b')'
            | b'0'..=b'2'
            | b']'
            | b'}'
            | b'l'
            | b't'
            | b'd'
            | b'a'
            | b'e'
            | b's'
            | b'u'
            | b'b'
            | b'R'
            | b'o'
            | b'N'
            | b'Q'
            | 0x81
            | 0x85..=0x89
            | 0x8f..=0x92
            | 0x97
            | 0x98 => {}
            // a line of text
            b'F' | b'I' | b'L' | b'S' | b'V' | b'P' | b'g' | b'p' => {
                self.line()?;
            }
            b'K' | 0x80 | 0x82 => {
                self.skip(1)?;
            }
            b'M' | 0x83 => {
                self.skip(2)?;
            }
            b'J' | 0x84 => {
                self.skip(4)?;
            }
            b'G' | 0x95 => {
                self.skip(8)?;
            }
            b'U' | b'T' | b'C' | b'B' | 0x8a | 0x8b | 0x8e | 0x96 => {
                let length = self.length(opcode)?;
                self.skip(length)?;
            }
            byte => return Err(Refusal::Unknown { byte, position: at }),
        }
        // The protocol and a frame's beginning are no values.
        if !matches!(opcode, 0x80 | 0x95) {
            self.push(None);
        }
        Ok(())
    }

    fn name(&mut self, module: &str, name: &str) {
        let names = self.globals.entry(module.to_owned()).or_default();
        names.insert(name.to_owned());
        self.push(None);
    }

    fn push(&mut self, text: Option<&'a str>) {
        self.recent = [self.recent[1], text];
    }

    fn memoize(&mut self, id: u32) {
        self.memoized = self.memoized.saturating_add(1);
        if let [_, Some(text)] = self.recent {
            self.memo.insert(id, text);
        }
    }

    fn recall(&mut self, id: u32) {
        self.push(self.memo.get(&id).copied());
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let bytes = self.skip(N)?;
        bytes.try_into().map_err(|_| Refusal::Truncated)
    }

    fn skip(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let end = self.position.checked_add(length);
        let bytes = end.and_then(|end| self.pickle.get(self.position..end));
        self.position = self.position.saturating_add(length);
        bytes.ok_or(Refusal::Truncated)
    }

    fn line(&mut self) -> Result<&'a str, Refusal> {
        let rest = self.pickle.get(self.position..).unwrap_or_default();
        let length = rest.iter().position(|&byte| byte == b'\n');
        let line = self.skip(length.ok_or(Refusal::Truncated)?)?;
        self.skip(1)?;
        // What isn't text is no name.
        Ok(std::str::from_utf8(line).unwrap_or_default())
    }

    /// The length of an argument that begins with it.
    fn length(&mut self, opcode: u8) -> Result<usize, Refusal> {
        let length = match opcode {
            b'U' | b'C' | 0x8a | 0x8c => u64::from(self.take::<1>()?[0]),
            b'T' | b'B' | b'X' | 0x8b => u64::from(u32::from_le_bytes(self.take()?)),
            _ => u64::from_le_bytes(self.take()?),
        };
        usize::try_from(length).map_err(|_| Refusal::Truncated)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(pickle: &[u8]) -> Vec<String> {
        let mut named = Vec::new();
        for (module, names) in globals(pickle).unwrap() {
            named.extend(names.iter().map(|name| format!("{module}.{name}")));
        }
        named
    }

    #[test]
    fn names_are_found_in_every_protocol() {
        let cases: [&[u8]; 3] = [
            b"cos\nsystem\np0\n(S'echo'\ntRp1\n.",
            b"\x80\x03cos\nsystem\nq\0X\x04\0\0\0echoq\x01\x85Rq\x02.",
            b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x04echo\x94\x85\x94R\x94.",
        ];
        for pickle in cases {
            assert_eq!(named(pickle), ["os.system"]);
        }
        assert_eq!(named(b"(ios\nsystem\n."), ["os.system"]);
    }

    #[test]
    fn a_module_that_is_named_by_reference_is_found() {
        let pickle =
            b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94h\0\x8c\x05popen\x94\x93\x94\x86\x94.";
        assert_eq!(named(pickle), ["os.popen", "os.system"]);
    }

    #[test]
    fn what_is_no_pickle_is_said_to_be_none() {
        let cases: [&[u8]; 5] = [
            b"",
            b"\x80",
            b"X\xff\xff\xff\xff",
            b"cos\nsystem",
            b"\x80\x04\xff.",
        ];
        for bytes in cases {
            assert!(globals(bytes).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = globals(&bytes);
        }
    }
}
