//! Where whoever imports may write to.

use crate::db::Conn;
use crate::households::import::Households;
use crate::http::Result;
use crate::imports::kind::By;
use crate::kernel::Within;
use crate::kernel::ids::AreaId;
use crate::places;

/// Where whoever imports may write to.
#[derive(Clone, Debug)]
pub struct Importer {
    pub scope: Within<AreaId>,
    /// The area that bounds them, when they are confined to one.
    pub own_area: Option<AreaId>,
}

impl Importer {
    /// A member of staff; the command line may write everywhere.
    pub fn of(by: By<'_, Households>) -> Self {
        match by {
            Some(staff) => Self { scope: staff.scope.areas.clone(), own_area: staff.area_id },
            None => Self { scope: Within::All, own_area: None },
        }
    }

    /// Refuses an area that does not exist or where this importer may not write.
    pub async fn require_area(&self, conn: &mut Conn, area_id: AreaId) -> Result<()> {
        places::require_area(conn, "area_id", area_id).await?;
        self.scope.require(area_id)
    }
}
