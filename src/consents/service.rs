//! Consents are given, taken back, and left without their person. What else a change of consent means is the caller's, in the
//! same transaction.

use uuid::Uuid;

use super::store::{self, Evidence};
use super::{Consent, ConsentChannel, ConsentSubject, Given, Owner, Purpose};
use crate::db::{Conn, Tx};
use crate::http::{Frame, Result};
use crate::kernel::vietnamese::{address_key, fold};
use crate::kernel::{Clock, ERASED_TEXT};
use crate::vault::{Purpose as Sealed, Vault};

/// What a form offers of how somebody was asked.
pub fn channels(frame: &Frame) -> Vec<(&'static str, String)> {
    ConsentChannel::ALL
        .into_iter()
        .filter(|channel| !matches!(channel, ConsentChannel::Unrecorded | ConsentChannel::List))
        .map(|channel| (channel.name(), frame.say(&channel.say()).to_owned()))
        .collect()
}

/// Keeps consents given now.
pub async fn give(tx: &mut Tx, clock: &Clock, given: &[Given]) -> Result<()> {
    if !given.is_empty() {
        store::insert(tx, clock, given).await?;
    }
    Ok(())
}

/// Somebody's consents, the latest first.
pub async fn of(conn: &mut Conn, owner: Owner) -> Result<Vec<Consent>> {
    Ok(store::of(conn, owner).await?)
}

/// Takes back what somebody agreed to for a purpose; how many consents that were.
pub async fn withdraw(
    tx: &mut Tx,
    clock: &Clock,
    owner: Owner,
    purpose: Purpose,
    how: (ConsentChannel, String, Option<Uuid>),
) -> Result<u64> {
    Ok(store::withdraw(tx, clock, owner, purpose, how).await?)
}

/// What a paper says of who signed it.
#[derive(Default)]
pub struct Signed {
    pub name: String,
    pub phone: Option<String>,
    pub citizen_id: Option<String>,
    pub address: String,
}

impl Signed {
    /// Keyed hashes of the name with each of what else is known: a name alone is many people's.
    fn evidence(&self, vault: &Vault) -> Evidence {
        let name = fold(&self.name);
        let with = |what: &str, text: &str| {
            let told = (!name.is_empty() && !text.is_empty()).then(|| format!("{what} {name}\0{text}"));
            told.map(|told| vault.index(Sealed::Erasure, &told))
        };
        Evidence {
            phone: with("phone", self.phone.as_deref().unwrap_or("")),
            citizen: with("citizen", self.citizen_id.as_deref().unwrap_or("")),
            address: with("address", &address_key(&self.address)),
        }
    }
}

/// Leaves an erased person's consents without the person.
pub async fn anonymise(tx: &mut Tx, vault: &Vault, owner: Owner, signed: &Signed) -> Result<()> {
    store::anonymise(tx, owner, signed.evidence(vault), ERASED_TEXT.to_owned()).await?;
    Ok(())
}

/// Consents of erased people that a paper may be of.
pub async fn of_paper(conn: &mut Conn, vault: &Vault, signed: &Signed) -> Result<Vec<Consent>> {
    Ok(store::by_evidence(conn, signed.evidence(vault)).await?)
}

/// Gives the consents of one record to another that is the same person.
pub async fn hand_on(tx: &mut Tx, from: Owner, to: Owner) -> Result<()> {
    store::hand_on(tx, from, to).await?;
    Ok(())
}

/// Removes the consents of records that go with their list.
pub async fn remove_of_list(tx: &mut Tx, kind: ConsentSubject, ids: &[Uuid]) -> Result<()> {
    store::remove_of_list(tx, kind, ids).await?;
    Ok(())
}
