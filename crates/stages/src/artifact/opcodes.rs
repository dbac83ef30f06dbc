//! A walk over a pickle's opcodes that lets nothing but plain data through.
//!
//! serde-pickle decodes class instances silently as dicts, follows memo references by copying and
//! overflows its stack on deep nesting, so nothing reaches it that this scan hasn't passed. The
//! scan runs the pickle machine on depths instead of values, without recursion, and allows:
//!
//! - protocols 2 to 5, binary opcodes only;
//! - `None`, booleans, integers of at most 64 bits with a sign (serde-pickle reads no more), floats,
//!   bytes, text, and lists, tuples and dicts of them, nested at most [`MAX_DEPTH`] deep;
//! - memo references to text, bytes and numbers (Python writes them for repeated strings), never
//!   to containers, which rules out recursion and exponential growth at once.

mod refusal;

use std::collections::BTreeMap;

pub use refusal::Refusal;
use refusal::opcode_name;

/// Deepest nesting of containers that is read; artifacts need seven.
pub const MAX_DEPTH: u32 = 32;
/// Most values in one pickle; they are arrays of bytes in ours, so a few thousand is usual.
pub const MAX_VALUES: usize = 1 << 22;
/// Checks that a pickle holds one value of plain data and nothing else.
///
/// # Errors
/// The first thing found that plain data doesn't have.
pub fn check_plain(pickle: &[u8]) -> Result<(), Refusal> {
    let mut machine = Machine::new(pickle);
    match pickle {
        [0x80, 2..=5, ..] => machine.position = 2,
        _ => return Err(Refusal::Protocol),
    }
    while machine.step()? {}
    Ok(())
}

/// What the machine knows of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    /// Text: where its bytes are.
    Text { start: usize, length: usize },
    /// Another value without parts: how many bytes it takes.
    Leaf { length: usize },
    /// A container: its kind, and how many levels it spans (1 when it holds no container).
    Container { kind: Kind, depth: u32 },
    /// Not a value: where a group of items begins.
    Mark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Dict,
    Tuple,
}

impl Item {
    const fn depth(self) -> u32 {
        match self {
            Self::Container { depth, .. } => depth,
            _ => 0,
        }
    }
}

/// The pickle machine: a stack of items with marks among them, and a memo.
struct Machine<'a> {
    pickle: &'a [u8],
    position: usize,
    stack: Vec<Item>,
    marks: Vec<usize>,
    memo: BTreeMap<u32, Item>,
    values: usize,
    repeated_bytes: usize,
}

impl<'a> Machine<'a> {
    const fn new(pickle: &'a [u8]) -> Self {
        Self {
            pickle,
            position: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: BTreeMap::new(),
            values: 0,
            repeated_bytes: 0,
        }
    }

    /// Runs one opcode; false after STOP.
    fn step(&mut self) -> Result<bool, Refusal> {
        let at = self.position;
        let byte = self.take::<1>()?[0];
        match byte {
            b'.' => return self.stop().map(|()| false),
            b'(' => self.mark()?,
            // frames only tell a reader how much to buffer
            0x95 => {
                self.take::<8>()?;
            }
            b'N' | 0x88 | 0x89 => self.leaf(0)?,
            b'K' => self.leaf(1)?,
            b'M' => self.leaf(2)?,
            b'J' => self.leaf(4)?,
            b'G' => self.leaf(8)?,
            0x8a => self.integer(at)?,
            b'C' | b'B' | 0x8e => {
                let length = self.length(byte)?;
                self.leaf(length)?;
            }
            0x8c | b'X' | 0x8d => self.text(byte)?,
            b']' => self.push(Item::Container {
                kind: Kind::List,
                depth: 1,
            })?,
            b'}' => self.push(Item::Container {
                kind: Kind::Dict,
                depth: 1,
            })?,
            b')' => self.push(Item::Container {
                kind: Kind::Tuple,
                depth: 1,
            })?,
            b'l' | b'd' | b't' => self.container_of_group(byte, at)?,
            0x85..=0x87 => self.small_tuple(usize::from(byte - 0x84), at)?,
            b'a' => self.append(1, Kind::List, at)?,
            b's' => self.append(2, Kind::Dict, at)?,
            b'e' => self.append_group(Kind::List, at)?,
            b'u' => self.append_group(Kind::Dict, at)?,
            b'q' | b'r' | 0x94 => self.memoize(byte, at)?,
            b'h' | b'j' => self.recall(byte, at)?,
            _ => return Err(self.refuse(byte, at)),
        }
        Ok(true)
    }

    fn stop(&self) -> Result<(), Refusal> {
        if self.position != self.pickle.len() {
            return Err(Refusal::Trailing {
                position: self.position,
            });
        }
        if self.stack.len() != 1 || !self.marks.is_empty() {
            return Err(malformed(
                self.position - 1,
                "it doesn't end with exactly one value",
            ));
        }
        Ok(())
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let bytes = self.pickle[self.position..]
            .first_chunk::<N>()
            .ok_or(Refusal::Truncated)?;
        self.position += N;
        Ok(*bytes)
    }

    /// Steps over `length` bytes of data.
    fn skip(&mut self, length: usize) -> Result<(), Refusal> {
        match self.position.checked_add(length) {
            Some(end) if end <= self.pickle.len() => {
                self.position = end;
                Ok(())
            }
            _ => Err(Refusal::Truncated),
        }
    }

    /// The length that a bytes or text opcode gives: 1, 4 or 8 bytes of it.
    fn length(&mut self, opcode: u8) -> Result<usize, Refusal> {
        let length = match opcode {
            b'C' | 0x8c => u64::from(self.take::<1>()?[0]),
            b'B' | b'X' => u64::from(u32::from_le_bytes(self.take()?)),
            _ => u64::from_le_bytes(self.take()?),
        };
        usize::try_from(length).map_err(|_| Refusal::Truncated)
    }

    fn push(&mut self, item: Item) -> Result<(), Refusal> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Refusal::TooLarge);
        }
        self.stack.push(item);
        Ok(())
    }

    fn leaf(&mut self, length: usize) -> Result<(), Refusal> {
        self.skip(length)?;
        self.push(Item::Leaf { length })
    }

    fn text(&mut self, opcode: u8) -> Result<(), Refusal> {
        let length = self.length(opcode)?;
        let start = self.position;
        self.skip(length)?;
        self.push(Item::Text { start, length })
    }

    fn integer(&mut self, at: usize) -> Result<(), Refusal> {
        let length = usize::from(self.take::<1>()?[0]);
        let start = self.position;
        self.skip(length)?;
        // serde-pickle writes an unsigned number with a ninth byte that only says so.
        if let Some((low, sign)) = self.pickle[start..self.position].split_at_checked(8) {
            let extension = if low[7] < 0x80 { 0x00 } else { 0xff };
            if sign.iter().any(|&byte| byte != extension) {
                return Err(malformed(at, "an integer has more than 63 bits and a sign"));
            }
        }
        self.push(Item::Leaf { length })
    }

    fn mark(&mut self) -> Result<(), Refusal> {
        // Every open mark is a container that is being filled.
        if self.marks.len() >= MAX_DEPTH as usize {
            return Err(Refusal::TooDeep);
        }
        self.marks.push(self.stack.len());
        self.stack.push(Item::Mark);
        Ok(())
    }

    /// Takes the items above the last mark, and the mark: how many they are and the depth of the
    /// deepest.
    fn group(&mut self, at: usize) -> Result<(usize, u32), Refusal> {
        let mark = self
            .marks
            .pop()
            .ok_or_else(|| malformed(at, "a group has no beginning"))?;
        let items = &self.stack[mark + 1..];
        let summary = (items.len(), deepest(items));
        self.stack.truncate(mark);
        Ok(summary)
    }

    fn container_of_group(&mut self, opcode: u8, at: usize) -> Result<(), Refusal> {
        let (count, depth) = self.group(at)?;
        let kind = match opcode {
            b'l' => Kind::List,
            b'd' => Kind::Dict,
            _ => Kind::Tuple,
        };
        check_pairs(kind, count, at)?;
        self.push(Item::Container {
            kind,
            depth: deeper(depth)?,
        })
    }

    fn small_tuple(&mut self, count: usize, at: usize) -> Result<(), Refusal> {
        let depth = self.drop_top(count, at)?;
        self.push(Item::Container {
            kind: Kind::Tuple,
            depth: deeper(depth)?,
        })
    }

    /// Takes `count` items off the stack: the depth of the deepest.
    fn drop_top(&mut self, count: usize, at: usize) -> Result<u32, Refusal> {
        let floor = self.marks.last().map_or(0, |mark| mark + 1);
        let start = self
            .stack
            .len()
            .checked_sub(count)
            .filter(|&start| start >= floor)
            .ok_or_else(|| malformed(at, "an opcode lacks its values"))?;
        let depth = deepest(&self.stack[start..]);
        self.stack.truncate(start);
        Ok(depth)
    }

    fn append(&mut self, count: usize, kind: Kind, at: usize) -> Result<(), Refusal> {
        let depth = self.drop_top(count, at)?;
        self.grow(kind, depth, at)
    }

    fn append_group(&mut self, kind: Kind, at: usize) -> Result<(), Refusal> {
        let (count, depth) = self.group(at)?;
        check_pairs(kind, count, at)?;
        self.grow(kind, depth, at)
    }

    /// Puts items of some depth into the container on top.
    fn grow(&mut self, expected: Kind, depth: u32, at: usize) -> Result<(), Refusal> {
        match self.stack.last_mut() {
            Some(Item::Container { kind, depth: own }) if *kind == expected => {
                *own = deeper(depth)?.max(*own);
                Ok(())
            }
            _ => Err(malformed(
                at,
                "items are added to what is no container for them",
            )),
        }
    }

    fn memoize(&mut self, opcode: u8, at: usize) -> Result<(), Refusal> {
        let id = match opcode {
            b'q' => u32::from(self.take::<1>()?[0]),
            b'r' => u32::from_le_bytes(self.take()?),
            _ => u32::try_from(self.memo.len()).map_err(|_| Refusal::TooLarge)?,
        };
        let item = match self.stack.last() {
            None | Some(Item::Mark) => return Err(malformed(at, "nothing is there to memoize")),
            Some(&item) => item,
        };
        // serde-pickle resolves references late: an id used twice would change an earlier value.
        if self.memo.insert(id, item).is_some() {
            return Err(malformed(at, "a memo id is used twice"));
        }
        Ok(())
    }

    fn recall(&mut self, opcode: u8, at: usize) -> Result<(), Refusal> {
        let id = match opcode {
            b'h' => u32::from(self.take::<1>()?[0]),
            _ => u32::from_le_bytes(self.take()?),
        };
        match self.memo.get(&id).copied() {
            None => Err(malformed(at, "a memo reference leads nowhere")),
            Some(Item::Container { .. } | Item::Mark) => {
                Err(Refusal::SharedContainer { position: at })
            }
            Some(item @ (Item::Text { length, .. } | Item::Leaf { length })) => {
                self.repeated_bytes = self.repeated_bytes.saturating_add(length);
                if self.repeated_bytes > self.pickle.len().max(1 << 20) {
                    return Err(Refusal::TooLarge);
                }
                self.push(item)
            }
        }
    }

    /// The refusal of an opcode that plain data doesn't have, with the name it refers to.
    fn refuse(&self, opcode: u8, at: usize) -> Refusal {
        match opcode {
            b'c' | b'i' => self.named_global(),
            0x93 => self.stack_global(),
            _ => match opcode_name(opcode) {
                Some(opcode) => Refusal::Opcode {
                    opcode,
                    position: at,
                },
                None => Refusal::Unknown {
                    byte: opcode,
                    position: at,
                },
            },
        }
    }

    /// `GLOBAL` and `INST`: module and name are two lines after the opcode.
    fn named_global(&self) -> Refusal {
        let mut lines = self.pickle[self.position..].splitn(3, |&byte| byte == b'\n');
        let mut line = || shown(lines.next().unwrap_or_default());
        let (module, name) = (line(), line());
        Refusal::Global {
            name: format!("{module}.{name}"),
        }
    }

    /// `STACK_GLOBAL`: module and name are the two texts on top of the stack.
    fn stack_global(&self) -> Refusal {
        let text = |from_top: usize| match self.stack.len().checked_sub(from_top) {
            Some(index) => match self.stack[index] {
                Item::Text { start, length } => shown(&self.pickle[start..start + length]),
                _ => "?".to_owned(),
            },
            None => "?".to_owned(),
        };
        Refusal::Global {
            name: format!("{}.{}", text(2), text(1)),
        }
    }
}

fn deepest(items: &[Item]) -> u32 {
    items.iter().map(|item| item.depth()).max().unwrap_or(0)
}

/// The depth of a container whose deepest item has this depth.
fn deeper(depth: u32) -> Result<u32, Refusal> {
    if depth >= MAX_DEPTH {
        Err(Refusal::TooDeep)
    } else {
        Ok(depth + 1)
    }
}

fn check_pairs(kind: Kind, count: usize, at: usize) -> Result<(), Refusal> {
    if kind == Kind::Dict && count % 2 == 1 {
        return Err(malformed(at, "a dict has a key without a value"));
    }
    Ok(())
}

fn malformed(position: usize, what: &'static str) -> Refusal {
    Refusal::Malformed { position, what }
}

/// A name for a message: readable characters only, and not many of them.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(120)])
        .chars()
        .map(|character| {
            if character.is_control() {
                '?'
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
