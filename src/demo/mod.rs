//! The demo: a throwaway ward with a market in progress, to look around in.
//!
//! Promises: every record is made by the calls that a coordinator would make, through the same router with the same
//! checks, so what the demo shows is what the program does. Nobody in it is real. The calls are made with a clock that
//! is set to each record's moment; the service then runs on the system's clock.

mod calls;
pub mod desk;
mod lists;
pub mod people;
mod showcase;
pub mod ward;

pub use showcase::{PASSWORD, Ward};

use crate::app::{StartError, router};
use crate::demo::calls::{Calls, broken};
use crate::http::{Core, Result};
use crate::kernel::Moment;
use crate::people::service::{tokens, users};
use crate::people::{NewToken, NewUser, Role};

/// Fills an empty database. `core` must have a clock that can be set; `now` is what the clock on the wall says.
pub async fn fill(core: &Core, now: Moment) -> std::result::Result<Ward, StartError> {
    core.clock.set(now.plus_secs(-4 * 86_400));
    let admin = administrator(core).await.map_err(|error| broken(&error.say().en))?;
    let calls = Calls { router: router(core.clone()), token: admin };
    let ward = ward::plan(core, &calls, now).await?;
    desk::hand_out(core, &calls, &ward, now).await
}

/// The first administrator, made as `lalanh user add` and `lalanh token add` do; its token.
async fn administrator(core: &Core) -> Result<String> {
    let new = NewUser {
        username: "demo".to_owned(),
        full_name: None,
        role: Role::Admin,
        area_id: None,
        point_ids: Vec::new(),
        password_hash: None,
        password_temporary: false,
    };
    let days = NewToken::of_days(5).map_err(|wrong| wrong.at("days"))?;
    let made = core.run(async |tx| {
        users::create_by_operator(tx, &core.clock, new).await?;
        tokens::create_by_operator(tx, &core.clock, "demo", days).await
    });
    Ok(made.await?.token)
}
