//! The tests of the whole: lives of platforms in virtual time, and the stack on the local cloud over the wire.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod events;
#[cfg(test)]
mod iam;
#[cfg(test)]
mod lives;
#[cfg(test)]
mod project;
#[cfg(test)]
mod script;
#[cfg(test)]
mod store;
#[cfg(test)]
mod wire;
