use crate::data::{
    Downtime, GoodFrom, IncidentLog, Instant, Interval, Maintenance, Missing, Period, ReadOptions, Role, Rule,
    SampleKind, Timeline, Zone, is_samples, read, read_instant, read_samples,
};

fn utc(text: &str) -> Instant {
    read_instant(text, &Zone::utc()).unwrap()
}

fn log(text: &str) -> IncidentLog {
    read(text, &ReadOptions::default()).unwrap()
}

fn messages(text: &str, options: &ReadOptions) -> Vec<String> {
    let mistakes = read(text, options).unwrap_err();
    mistakes.iter().map(|mistake| format!("{}: {}", &text[mistake.span.clone()], mistake.message)).collect()
}

fn times(log: &IncidentLog) -> Vec<(String, Option<String>)> {
    let shown =
        |incident: &crate::data::Incident| (incident.start.to_string(), incident.end.map(|end| end.to_string()));
    log.incidents.iter().map(shown).collect()
}

#[test]
fn headers_are_known_without_regard_to_case_and_separators() {
    let expected = [("2024-01-01T00:00:00Z".to_owned(), Some("2024-01-01T00:30:00Z".to_owned()))];
    let cases = [
        "start,end\n2024-01-01T00:00:00Z,2024-01-01T00:30:00Z\n",
        "Started_At;Resolved-At\n2024-01-01 00:00;2024-01-01 00:30\n",
        "Prob Started,Prob Fixed\n2024-01-01T00:00Z,2024-01-01T00:30Z\n",
        "DOWNTIME START\tdowntime end\n1704067200\t1704069000\n",
        "start_unix,end_unix\n1704067200000,1704069000000\n",
        "event_start_time,event_stop_time\n1704067200.0,1704069000\n",
        "created_at,closed_at\n2024-01-01 01:00:00+01:00,2024-01-01 00:30:00 UTC\n",
        "begin,duration_minutes\n2024-01-01T00:00:00Z,30\n",
        "begin,seconds_to_resolve\n2024-01-01T00:00:00Z,1.8e3\n",
        "begin,Down Time\n2024-01-01T00:00:00Z,0:30:00\n",
        "begin,duration\n2024-01-01T00:00:00Z,30m\n",
        "timestamp,state\n1704067200,down\n1704069000,up\n",
        "\n# a comment\n\nstart,end\r\n2024-01-01,2024-01-01T00:30:00Z\r\n",
        "[{\"start\": \"2024-01-01T00:00:00Z\", \"end\": \"2024-01-01T00:30:00Z\"}]",
        "{\"incidents\": [{\"startedAt\": 1704067200, \"resolvedAt\": 1704069000}]}",
        "{\"start\": 1704067200, \"end\": 1.704069e9}\n",
    ];
    for text in cases {
        assert_eq!(times(&log(text)), expected, "{text}");
    }
    let lines = log("{\"start\": 1704067200, \"end\": 1704069000}\n{\"start\": 1704067200}\n");
    assert_eq!((lines.incidents.len(), lines.incidents[1].end), (2, None));
    assert_eq!(lines.reading.dialect, "JSON Lines");
}

#[test]
fn columns_that_do_not_tell_are_mapped() {
    let options = ReadOptions {
        map: vec![(Role::Start, "colX".to_owned()), (Role::Duration, "n".to_owned())],
        duration_unit: Some(60_000_000_000),
        ..ReadOptions::default()
    };
    let log = read("n,colX,start\n30,2024-01-01T00:00:00Z,x\n", &options).unwrap();
    assert_eq!(log.incidents[0].end, Some(utc("2024-01-01T00:30:00Z")));
    assert_eq!(log.reading.unused, ["start"]);
}

#[test]
fn components_severities_and_maintenance_are_recognised() {
    let statuspage = r#"{"page": {"name": "x"},
        "incidents": [{"name": "a", "id": "i1", "impact": "major", "created_at": "2024-01-01T00:10:00Z",
            "started_at": "2024-01-01T00:00:00Z", "resolved_at": null, "components": [{"name": "API"}, {"name": "Web"}]}],
        "scheduled_maintenances": [{"id": "m1", "impact": "none", "scheduled_for": "2024-01-02T00:00:00Z",
            "scheduled_until": "2024-01-02T01:00:00Z", "components": [{"name": "Web"}]}]}"#;
    let log = log(statuspage);
    assert_eq!(log.components, ["API", "Web"]);
    assert_eq!(log.components_of(&log.incidents[0]).collect::<Vec<_>>(), ["API", "Web"]);
    assert_eq!(log.severity_of(&log.incidents[0]), Some("major"));
    assert_eq!(log.incidents.iter().map(|incident| incident.planned).collect::<Vec<_>>(), [false, true]);
    assert_eq!(log.incidents[0].id.as_deref(), Some("i1"));
    assert_eq!((log.incidents[0].line, log.incidents[1].line), (2, 4));
    assert!(log.reading.dialect.contains("Statuspage"), "{}", log.reading.dialect);
}

#[test]
fn mistakes_have_their_place() {
    let none = ReadOptions::default();
    let cases = [
        ("start,end\n2024-01-02T00:00:00Z,2024-01-01T00:00:00Z\n", "2024-01-01T00:00:00Z", "is before the start"),
        ("start,end\n\"2024-01-01T00:00:00Z\",\"yesterday, late\"\n", "\"yesterday, late\"", "is not a time"),
        ("start,end\n9999-12-31T00:00:00Z,\n", "9999-12-31T00:00:00Z", "outside of the years"),
        ("start,end\n9999-12-31 23:59:59,\n", "9999-12-31 23:59:59", "outside of the years"),
        ("start,end\nNaN,\n", "NaN", "is not a time"),
        ("start,end\n99999999999999999999999999999999999999999,\n", "9999", "is not a time"),
        ("start,end\n1/2/2024 09:00,\n", "1/2/2024 09:00", "is not a time"),
        ("start,end\n20240102,\n", "20240102", "may be a date"),
        ("start,duration\n2024-01-01T00:00:00Z,30\n", "30", "has no unit"),
        ("start,duration_s\n2024-01-01T00:00:00Z,-30\n", "-30", "is negative"),
        ("start,duration_days\n2024-01-01T00:00:00Z,1e9\n", "1e9", "ends after 2199"),
        ("start,end\n2024-01-01T00:00:00Z\n", "2024-01-01T00:00:00Z", "has 1 field,"),
        ("a,b\n1,2\n", "a,b", "no column is the start"),
        ("start,end,planned\n2024-01-01,,perhaps\n", "perhaps", "whether it was planned"),
        ("timestamp,state\n1704067200,sideways\n", "sideways", "neither up nor down"),
        ("[{\"start\": \"x\", \"end\": null}]", "\"x\"", "is not a time"),
        ("[{\"start\": NaN}]", "N", "syntax error"),
        ("[{\"start\": 1, \"start\": 2}]", "start", "are the same"),
        ("[1]", "1", "an object is expected"),
        ("{\"a\": 1}", "{\"a\": 1}", "no column is the start"),
        ("{\"start\": 1704067200, \"end\": null}\n{\"start\": \n", "", "syntax error"),
    ];
    for (text, place, message) in cases {
        let found = messages(text, &none);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].contains(place) && found[0].contains(message), "{text}: {found:?}");
    }
    let deep = format!("[{{\"start\": {}1{}}}]", "[".repeat(5_000), "]".repeat(5_000));
    assert!(messages(&deep, &none)[0].contains("depth"));
    let huge = format!("start,end\n\"{}\",\n", "x".repeat(1_000_000));
    let mistakes = read(&huge, &none).unwrap_err();
    assert!(mistakes[0].message.len() < 200, "{}", mistakes[0].message);
}

#[test]
fn lenient_skips_and_counts() {
    let text = "start,end\n2024-01-01,x\n2024-01-01,2024-01-02\ny,z\n";
    let lenient = |limit| read(text, &ReadOptions { lenient: Some(limit), ..ReadOptions::default() });
    let log = lenient(2).unwrap();
    assert_eq!((log.incidents.len(), log.reading.rows, log.reading.dropped), (1, 3, 2));
    assert_eq!(lenient(1).unwrap_err().len(), 2);
}

#[test]
fn the_odd_hours_of_daylight_saving_are_reported() {
    let zone = Zone::parse("America/Denver");
    let options = ReadOptions { zone, time_format: Some("%m/%d/%Y %H:%M".to_owned()), ..ReadOptions::default() };
    // 2002-04-07 02:30 never was; 2002-10-27 01:30 was twice; 01:50 to 01:10 went over the change.
    let text =
        "start,end\n4/7/2002 2:30,4/7/2002 4:00\n10/27/2002 1:30,10/27/2002 3:00\n10/27/2002 1:50,10/27/2002 1:10\n";
    let log = read(text, &options).unwrap();
    assert_eq!((log.reading.never.clone(), log.reading.twice.clone()), (vec![2], vec![3, 4]));
    let expected = [
        ("2002-04-07T09:30:00Z", "2002-04-07T10:00:00Z"),
        ("2002-10-27T07:30:00Z", "2002-10-27T10:00:00Z"),
        ("2002-10-27T07:50:00Z", "2002-10-27T08:10:00Z"),
    ];
    let expected: Vec<_> = expected.map(|(a, b)| (a.to_owned(), Some(b.to_owned()))).to_vec();
    assert_eq!(times(&log), expected);
    assert_eq!(log.reading.naive_times, 6);
    // A stated duration tells which of the two is meant.
    let text = "start,end,duration_minutes\n10/27/2002 1:30,10/27/2002 3:00,90\n10/27/2002 0:30,10/27/2002 1:30,120\n\
                10/27/2002 0:30,10/27/2002 1:30,61\n";
    let log = read(text, &options).unwrap();
    let expected = [
        ("2002-10-27T08:30:00Z", "2002-10-27T10:00:00Z"),
        ("2002-10-27T06:30:00Z", "2002-10-27T08:30:00Z"),
        ("2002-10-27T06:30:00Z", "2002-10-27T07:30:00Z"),
    ];
    let expected: Vec<_> = expected.map(|(a, b)| (a.to_owned(), Some(b.to_owned()))).to_vec();
    assert_eq!((times(&log), log.reading.differs, log.reading.twice), (expected, vec![4], vec![2, 3, 4]));
}

#[test]
fn calendars_know_leap_years_and_daylight_saving() {
    let berlin = Zone::parse("Europe/Berlin").unwrap();
    let length = |zone: &Zone, text: &str| zone.named(text).unwrap().seconds() / 3_600.0;
    let cases = [("2024", 8_784.0), ("2023", 8_760.0), ("2100", 8_760.0), ("2000-02", 696.0), ("2024-Q1", 2_183.0)];
    for (text, hours) in cases {
        let expected = if text == "2024-Q1" { hours } else { length(&Zone::utc(), text) };
        assert_eq!(length(&berlin, text), expected, "{text}");
        assert!((length(&Zone::utc(), text) - hours).abs() < 1.5, "{text}");
    }
    assert_eq!((length(&berlin, "2024-03-31"), length(&berlin, "2024-10-27")), (23.0, 25.0));
    let window = Interval::new(utc("2024-01-15T00:00Z"), utc("2024-04-01T00:00Z")).unwrap();
    let months = Zone::utc().periods(&window, Period::Month);
    assert_eq!(months.len(), 3);
    assert_eq!(Zone::utc().label(months[2].start, Period::Month), "2024-03");
    assert!(["2024-13", "24", "2024-Q5", "9999", "2024-02-30", "x"].iter().all(|text| berlin.named(text).is_none()));
    assert!(Zone::parse("+02:00").is_some() && Zone::parse("Mars/Phobos").is_none() && Zone::parse("+2x").is_none());
}

fn timeline(pairs: &[(i64, i64)]) -> Timeline {
    let at = |seconds: i64| Instant::from_nanoseconds(i128::from(seconds) * 1_000_000_000).unwrap();
    Timeline::from_intervals(pairs.iter().map(|(a, b)| Interval::new(at(*a), at(*b)).unwrap()))
}

#[test]
fn timelines_are_sets() {
    let a = timeline(&[(5, 9), (0, 2), (2, 3), (8, 12), (20, 20)]);
    assert_eq!(a, timeline(&[(0, 3), (5, 12)]));
    let b = timeline(&[(1, 6), (11, 15)]);
    assert_eq!(a.intersection(&b), timeline(&[(1, 3), (5, 6), (11, 12)]));
    assert_eq!(a.union(&b), timeline(&[(0, 15)]));
    assert_eq!(a.without(&b), timeline(&[(0, 1), (6, 11)]));
    let window = timeline(&[(2, 20)]).span().unwrap();
    assert_eq!(a.complement(&window), timeline(&[(3, 5), (12, 20)]));
    assert_eq!(a.clipped(&window), timeline(&[(2, 3), (5, 12)]));
    assert_eq!(a.nanoseconds_within(&window), 8_000_000_000);
}

#[test]
fn the_largest_weight_holds_where_incidents_overlap() {
    let text = "start,end,severity\n1704067200,1704068200,minor\n1704067700,1704068700,major\n1704068600,1704069000,none\n\
                1704068700,1704069700,maintenance\n1704069600,1704069800,critical\n";
    let log = log(text);
    let now = utc("2024-02-01T00:00Z");
    let window = log.span(now).unwrap();
    let down = |name: &str, maintenance: Option<Maintenance>| {
        let mut rule = Rule::named(name).unwrap();
        rule.maintenance = maintenance.unwrap_or(rule.maintenance);
        let counted = Downtime::of(&log, &rule, now, |_| true).within(&window);
        (counted.down_seconds, counted.strict_seconds, counted.valid_seconds, counted.outages)
    };
    // Minor alone 500 s, major 1000 s, critical 100 s outside of the maintenance of 1000 s; 2600 s in all.
    assert_eq!(down("default", None), (1_600.0, 1_600.0, 1_600.0, 2));
    assert_eq!(down("half", None), (1_350.0, 1_600.0, 1_600.0, 2));
    assert_eq!(down("major", None), (1_100.0, 1_100.0, 1_600.0, 2));
    assert_eq!(down("default", Some(Maintenance::Count)), (2_600.0, 2_600.0, 2_600.0, 1));
    assert_eq!(down("default", Some(Maintenance::Ignore)), (1_700.0, 1_700.0, 2_600.0, 2));
}

const MATRIX: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","instance":"a"},
    "values":[[1704067200,"1"],[1704067260,"0"],[1704067320,"0"],[1704067380,"1"],[1704067560,"NaN"],[1704067620,"1"]]}]}}"#;
const MORE: &str = r#"[{"metric":{"__name__":"up","instance":"a"},"values":[[1704067620,"1"],[1704067680,"0"]]}]"#;

#[test]
fn samples_hold_for_a_step_and_gaps_are_missing() {
    assert!(is_samples(MATRIX) && is_samples(MORE) && !is_samples("[{\"start\": 1}]"));
    let set = read_samples(&[MATRIX, MORE]).unwrap();
    assert_eq!((set.series.len(), set.series[0].samples.len(), set.step), (1, 7, Some(60_000_000_000)));
    let log = set.to_log(SampleKind::Bool, GoodFrom { share: 0.99, complement: 0.01 }, Missing::Ignore, None).unwrap();
    let down = |missing| {
        let log = set.to_log(SampleKind::Bool, GoodFrom { share: 0.99, complement: 0.01 }, missing, None).unwrap();
        let window = log.span(Instant::FIRST).unwrap();
        let counted = Downtime::of(&log, &Rule::default(), Instant::FIRST, |_| true).within(&window);
        (counted.down_seconds, counted.valid_seconds)
    };
    assert_eq!(log.components, ["a"]);
    // 1704067200 to 1704067740: 540 s; missing 67440 to 67620, which is the gap and the NaN.
    assert_eq!(down(Missing::Ignore), (180.0, 360.0));
    assert_eq!(down(Missing::Good), (180.0, 540.0));
    assert_eq!(down(Missing::Bad), (360.0, 540.0));
}

#[test]
fn counters_that_fall_have_begun_again() {
    let text = r#"[{"metric":{},"values":[[60,"10"],[120,"15"],[180,"3"],[240,"NaN"],[300,"4"]]}]"#;
    let set = read_samples(&[text]).unwrap();
    let grown: Vec<f64> = set.series[0].increases().iter().map(|(_, grown)| *grown).collect();
    assert_eq!((grown, set.series[0].resets()), (vec![5.0, 3.0, 1.0], 1));
}

#[test]
fn samples_that_are_none_have_their_place() {
    let cases = [
        (r#"{"status":"error","errorType":"x","error":"y"}"#, "status"),
        (r#"[{"metric":{},"values":[[1,"x"]]}]"#, "is no value"),
        (r#"[{"metric":{},"values":[["1","1"]]}]"#, "a sample is"),
        (r#"[{"metric":{},"values":[[9e99,"1"]]}]"#, "is no time"),
        (r#"{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}"#, "no series"),
    ];
    for (text, message) in cases {
        let (_, mistakes) = read_samples(&[text]).unwrap_err();
        assert!(mistakes[0].message.contains(message), "{text}: {mistakes:?}");
    }
    let set = read_samples(&[r#"[{"metric":{},"values":[[60,"1"],[120,"2"]]}]"#]).unwrap();
    assert!(
        set.to_log(SampleKind::Bool, GoodFrom { share: 0.99, complement: 0.01 }, Missing::Ignore, None)
            .unwrap_err()
            .contains("not between 0 and 1")
    );
}
