//! GetRandomPassword (aws-facts 5.2): a text by wishes, kept nowhere.

use super::calls::invalid;
use crate::world::throttle::{Kind, Service};
use crate::world::{AwsError, Ms, World};

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// What a password is made of.
#[derive(Clone, Debug)]
pub struct RandomPassword {
    pub length: usize,
    pub exclude_characters: String,
    pub exclude_lowercase: bool,
    pub exclude_uppercase: bool,
    pub exclude_numbers: bool,
    pub exclude_punctuation: bool,
    pub include_space: bool,
    pub require_each_included_type: bool,
}

impl Default for RandomPassword {
    fn default() -> Self {
        Self {
            length: 32,
            exclude_characters: String::new(),
            exclude_lowercase: false,
            exclude_uppercase: false,
            exclude_numbers: false,
            exclude_punctuation: false,
            include_space: false,
            require_each_included_type: true,
        }
    }
}

impl RandomPassword {
    /// The letters of each type that is wanted.
    fn types(&self) -> Vec<Vec<u8>> {
        let all = [
            (LOWER, !self.exclude_lowercase),
            (UPPER, !self.exclude_uppercase),
            (DIGITS, !self.exclude_numbers),
            (PUNCTUATION, !self.exclude_punctuation),
            (" ", self.include_space),
        ];
        let letters = |text: &str| text.bytes().filter(|b| !self.exclude_characters.as_bytes().contains(b)).collect();
        let types = all.into_iter().filter(|(_, wanted)| *wanted).map(|(text, _)| letters(text));
        types.filter(|letters: &Vec<u8>| !letters.is_empty()).collect()
    }
}

impl World {
    pub fn random_password(&mut self, region: &str, now: Ms, wish: &RandomPassword) -> Result<String, AwsError> {
        self.admit(region, now, Service::SecretsManager, Kind::Read)?;
        let types = wish.types();
        let letters: Vec<u8> = types.concat();
        if letters.is_empty() {
            return Err(invalid("The password would have no characters to choose from.".into()));
        }
        if wish.require_each_included_type && wish.length < types.len() {
            return Err(invalid("The password is too short to have a character of each type.".into()));
        }
        loop {
            let password = self.dice.text(wish.length, &letters);
            let has = |letters: &Vec<u8>| password.bytes().any(|b| letters.contains(&b));
            // Of 32 characters almost every one has all types; of four it may take some turns.
            if !wish.require_each_included_type || types.iter().all(has) {
                return Ok(password);
            }
        }
    }
}
