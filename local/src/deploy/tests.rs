//! Small stacks with fake functions, from the template to the answer; and the queue mapping.

mod mapping;
mod stack;
