//! Lists that were sent in: stored ones of each kind, one that still waits for its clerk, and two households that may be
//! one.

use serde_json::{Value, json};

use super::calls::{Calls, text};
use super::people;
use crate::app::StartError;
use crate::kernel::Day;

/// Households of the register that the list names once more, at another address.
const AGAIN: [usize; 2] = [12, 31];

/// The neighbourhood's list of households, stored as the clerk decided.
pub(super) async fn households(calls: &Calls, area_id: &str) -> Result<(), StartError> {
    let new = |n: usize, stt: usize| {
        let (name, phone, address) = (people::name(n), people::phone(n), people::address(n));
        format!("{stt},{name},{phone},{},{address},{},Thuê trọ\n", people::birth_year(n), people::members(n))
    };
    let again = |n: usize, address: &str, stt: usize| {
        format!("{stt},{},{},{},{address},3,Khó khăn\n", people::name(n), people::phone(n), people::birth_year(n))
    };
    let mut list = "STT,Họ và tên,SĐT,Năm sinh,Địa chỉ,Số khẩu,Diện\n".to_owned();
    list += &new(301, 1);
    list += &new(302, 2);
    list += &again(AGAIN[0], "14 Cần Giuộc", 3);
    list += &again(AGAIN[1], "9 Yên Khê", 4);
    let fields = [("area_id", area_id)];
    let preview = calls.upload("/households/imports", ("ho-thue-tro-kdc-2.csv", &list), &fields).await?;
    // Other addresses: the clerk took them for others, and may think better of it.
    let decided = duplicates(&preview).into_iter().map(|key| (key, json!("new"))).collect::<serde_json::Map<_, _>>();
    let path = format!("/households/imports/{}/commit", text(&preview, "id"));
    calls.post(&path, json!({ "consent": true, "decisions": decided })).await?;
    let waiting = "STT,Họ và tên,SĐT,Năm sinh,Địa chỉ,Số khẩu\n\
        1,Phan Thị Bưởi,0905 777 12,1958,21 Yên Khê,2\n\
        2,Võ Đình Thọ,0905 777 123,1971,23 Yên Khê,45\n\
        3,Đỗ Mỹ Hiền,0905 777 124,1983,25 Yên Khê,4\n";
    calls.upload("/households/imports", ("to-5-bo-sung.csv", waiting), &fields).await?;
    Ok(())
}

/// The ward's list of donors: packages and money.
pub(super) async fn donations(calls: &Calls, campaign_id: &str, received_on: Day) -> Result<(), StartError> {
    let day = received_on.for_people();
    let list = format!(
        "STT,Đơn vị/cá nhân,Hiện vật,ĐVT,Số lượng,Trị giá,Tiền mặt,Ngày\n\
         1,Công ty May Hòa Thọ,Suất quà,suất,120,36000000,,{day}\n\
         2,Chùa Tân Thái,Suất quà,suất,50,12500000,,{day}\n\
         3,Bà Lê Thị Sen,,,,,2000000,{day}\n\
         4,Ông Trần Văn Được,,,,,500000,{day}\n"
    );
    let fields = [("unit", "đồng"), ("campaign_id", campaign_id)];
    let preview = calls.upload("/donations/imports", ("nha-hao-tam.csv", &list), &fields).await?;
    calls.post(&format!("/donations/imports/{}/commit", text(&preview, "id")), json!({})).await?;
    Ok(())
}

/// The ward's list of landlords who signed.
pub(super) async fn landlords(calls: &Calls, ward: &str, month: &str) -> Result<(), StartError> {
    let (year, month) = month.split_once('-').unwrap_or(("2021", "07"));
    let mut list =
        "STT,Họ tên chủ trọ,Điện thoại,Địa chỉ,KDC,Số phòng,Giá thuê,Mức giảm,Từ tháng,Đến tháng\n".to_owned();
    for n in 0..5 {
        let (name, phone, address) = (people::name(320 + n), people::phone(320 + n), people::address(320 + n));
        let cut = ["50%", "200000", "Miễn"][n % 3];
        let (rooms, at) = (2 + n, format!("{month}/{year}"));
        list += &format!("{},{name},{phone},{address},{},{rooms},1100000,{cut},{at},{at}\n", n + 1, 1 + n);
    }
    let preview =
        calls.upload("/rent-reductions/imports", ("chu-tro-giam-tien.csv", &list), &[("area_id", ward)]).await?;
    let path = format!("/rent-reductions/imports/{}/commit", text(&preview, "id"));
    calls.post(&path, json!({ "status": "verified" })).await?;
    Ok(())
}

/// The keys of a preview's possible duplicates.
fn duplicates(preview: &Value) -> Vec<String> {
    let rows = preview["rows"].as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().filter(|row| row["status"] == "duplicate").map(|row| text(row, "key")).collect()
}
