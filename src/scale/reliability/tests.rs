use super::*;

fn answers(columns: &[&[f64]], ends: [f64; 2]) -> Answers {
    let names = (0..columns.len()).map(|at| format!("i{at}"));
    Answers::from_columns(names, columns.iter().map(|column| column.to_vec()).collect(), ends).unwrap()
}

/// Items (1,2,3,4) and (1,2,4,3): s² = 5/3 each, c = 4/3; the sum has 6. α = λ4 = 8/9, r = 0.8; the one incomplete person
/// does not count; nobody is at an end.
#[test]
fn two_items_by_hand() {
    let found =
        reliability(&answers(&[&[1.0, 2.0, 3.0, 4.0, f64::NAN], &[1.0, 2.0, 4.0, 3.0, 0.0]], [0.0, 5.0]))
            .unwrap();
    assert_eq!((found.n, found.persons, found.items), (4, 5, 2));
    for (value, wanted) in [
        (found.alpha, 8.0 / 9.0),
        (found.alpha_std, 8.0 / 9.0),
        (found.lambda4, 8.0 / 9.0),
        (found.split_half.unwrap(), 8.0 / 9.0),
        (found.average_r, 0.8),
        (found.item[0].r_drop.unwrap(), 0.8),
        (found.sd, 6.0_f64.sqrt()),
        (found.mean, 5.0),
        (found.sem.unwrap(), (6.0_f64 / 9.0).sqrt()),
    ] {
        assert!((value - wanted).abs() < 1e-14, "{value} {wanted}");
    }
    assert_eq!(found.no_omega, Some(NoOmega::TooFewItems));
    assert_eq!(found.item[0].alpha_if_dropped, None);
    assert_eq!((found.floor, found.ceiling), (0.0, 0.0));
    assert!(found.alpha_low < found.alpha && found.alpha < found.alpha_high);
}

/// Five answers to four items; the third is keyed the wrong way.
#[test]
fn a_wrong_key_is_named() {
    let a = [1.0, 2.0, 3.0, 4.0, 5.0, 2.0];
    let b = [1.0, 3.0, 3.0, 4.0, 4.0, 2.0];
    let c = [5.0, 4.0, 3.0, 1.0, 1.0, 5.0];
    let d = [2.0, 2.0, 3.0, 5.0, 4.0, 1.0];
    let found = reliability(&answers(&[&a, &b, &c, &d], [1.0, 5.0])).unwrap();
    assert_eq!(found.wrong_keys, ["i2"]);
    let right: Vec<f64> = c.iter().map(|code| 6.0 - code).collect();
    let turned = reliability(&answers(&[&a, &b, &right, &d], [1.0, 5.0])).unwrap();
    assert!(turned.wrong_keys.is_empty() && turned.alpha_turned.is_none());
    assert!((found.alpha_turned.unwrap() - turned.alpha).abs() < 1e-14);
    assert!(found.alpha < turned.alpha);
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let told = |columns: &[&[f64]]| reliability(&answers(columns, [0.0, 4.0])).unwrap_err().to_string();
    assert!(told(&[&[1.0, 2.0, 3.0]]).contains("two items"));
    assert!(told(&[&[1.0, 2.0], &[1.0, 2.0]]).contains("2 of 2 persons"));
    let constant =
        reliability(&answers(&[&[1.0; 4], &[1.0, 2.0, 3.0, 1.0], &[2.0; 4]], [0.0, 4.0])).unwrap_err();
    assert_eq!(constant.faults().len(), 2);
    assert!(constant.to_string().contains("`i0`") && constant.to_string().contains("`i2`"));
    assert!(told(&[&[0.0, 1.0, 2.0, 4.0], &[4.0, 3.0, 2.0, 0.0]]).contains("same sum"));
}

/// Neither the order of the persons nor that of the items, nor a point added to all answers, moves anything.
#[test]
fn reliability_does_not_ask_for_order_or_origin() {
    let drawn = |seed: u32| seed.wrapping_mul(2_654_435_761).rotate_left(13).wrapping_mul(0x9e37_79b1) >> 30;
    let columns: Vec<Vec<f64>> = (0..6_u32)
        .map(|item| (0..700_u32).map(|row| f64::from(drawn(row) + drawn(row * 6 + item + 9000))).collect())
        .collect();
    let found = |columns: &[Vec<f64>], ends| {
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        reliability(&answers(&columns, ends)).unwrap()
    };
    let one = found(&columns, [0.0, 6.0]);
    let mut other: Vec<Vec<f64>> =
        columns.iter().map(|column| column.iter().rev().map(|answer| answer + 100.0).collect()).collect();
    other.reverse();
    let other = found(&other, [100.0, 106.0]);
    for (a, b) in [
        (one.alpha, other.alpha),
        (one.alpha_low, other.alpha_low),
        (one.lambda2, other.lambda2),
        (one.lambda4, other.lambda4),
        (one.lambda6.unwrap(), other.lambda6.unwrap()),
        (one.floor, other.floor),
    ] {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }
    assert!(one.lambda4 >= one.alpha && one.lambda2 >= one.alpha, "no split is better than the best");
}
