BEGIN TRANSACTION;
CREATE TABLE acknowledgements (
	alarm VARCHAR(128) NOT NULL, 
	amount BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	acknowledged_at VARCHAR(27) NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (alarm), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE applications (
	id VARCHAR(64) NOT NULL, 
	holds_from VARCHAR(27) NOT NULL, 
	holds_until VARCHAR(27), 
	name TEXT NOT NULL, 
	type VARCHAR(32) NOT NULL, 
	aud VARCHAR(128) NOT NULL, 
	coverage TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (id, holds_from), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE backups (
	path VARCHAR(4096) NOT NULL, 
	taken_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (path)
);
INSERT INTO "backups" VALUES('/tmp/tmpijkkp4j1/backup','2026-11-23T12:00:00.000000Z');
CREATE TABLE batches (
	sequence BIGINT NOT NULL, 
	batch_id VARCHAR(64) NOT NULL, 
	dataset VARCHAR(64) NOT NULL, 
	content VARCHAR(80) NOT NULL, 
	body_bytes BIGINT NOT NULL, 
	inflated_bytes BIGINT, 
	received_at VARCHAR(27) NOT NULL, 
	raw_path VARCHAR(255) NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	reason TEXT, 
	attempts INTEGER NOT NULL, 
	tried_by VARCHAR(16), 
	deaths INTEGER DEFAULT '0' NOT NULL, 
	rows BIGINT, 
	rejected_lines BIGINT, 
	blank_lines BIGINT, 
	loaded_sequence BIGINT, 
	shape VARCHAR(16), 
	decoder VARCHAR(16), 
	misfits BIGINT, 
	approximations BIGINT, 
	unknown_members BIGINT, 
	overruled_members BIGINT, 
	foreign_lines BIGINT, 
	foreign_dataset VARCHAR(64), 
	tally TEXT, 
	raw_retired_sequence BIGINT, 
	resends BIGINT DEFAULT '0' NOT NULL, 
	is_fetched BOOLEAN DEFAULT '0' NOT NULL, 
	recovered BOOLEAN DEFAULT '0' NOT NULL, 
	sent_as VARCHAR(64), 
	begun_by VARCHAR(16), 
	PRIMARY KEY (sequence), 
	UNIQUE (dataset, content), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(loaded_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(raw_retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "batches" VALUES(1,'aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661','http_requests','blake3:2882712eb1a97e61934d84e4138c13e258ff9cee7c5d09e11a9a2eb75ae91b8d',279,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661.gz','loaded',NULL,1,'31b09f8ac7640150',0,3,0,0,4,'ndjson','native',0,0,0,0,0,NULL,NULL,13,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(2,'736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f','http_requests','blake3:6f92fc319681ed22856c0de66ca9f18e592a4a4dd1c7211a0367c55e6e176c8f',280,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f.gz','loaded',NULL,1,'31b09f8ac7640150',0,3,0,0,4,'ndjson','native',0,0,0,0,0,NULL,NULL,13,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(3,'40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba','access_requests','blake3:2f33a129e47db04f53a71e29a3586d9bef5821aaab523a499730381a1264a305',252,334,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba.gz','loaded',NULL,1,'31b09f8ac7640150',0,1,0,0,5,'ndjson','native',0,0,0,0,0,NULL,NULL,12,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(14,'de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe','http_requests','blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b',261,706,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz','loaded',NULL,1,'31b09f8ac7640150',0,2,0,0,16,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(15,'0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993','http_requests','blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25',279,1036,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz','loaded',NULL,1,'31b09f8ac7640150',0,3,0,0,16,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(18,'c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d','http_requests','blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129',275,718,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz','loaded',NULL,1,'31b09f8ac7640150',0,2,1,0,21,'ndjson','native',0,0,2,0,0,NULL,'{"unknown":{"Unheard":2}}',NULL,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(19,'0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940','http_requests','blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba',265,659,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz','loaded',NULL,1,'31b09f8ac7640150',0,2,0,0,21,'ndjson','native',1,0,0,0,0,NULL,'{"misfit":{"EdgeResponseStatus":1}}',NULL,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(20,'6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20','access_requests','blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75',257,344,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz','loaded',NULL,1,'31b09f8ac7640150',0,1,0,0,22,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0,1,NULL,NULL);
INSERT INTO "batches" VALUES(25,'2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a','http_requests','blake3:6134840aba49800abf80427b15b92038d93f0b476180dd48d96b4b195c6ce251',245,362,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a.gz','loaded',NULL,1,'31b09f8ac7640150',0,1,0,0,26,'ndjson','native',0,0,0,0,0,NULL,NULL,27,0,0,0,NULL,NULL);
CREATE TABLE canaries (
	id VARCHAR(32) NOT NULL, 
	sent_at VARCHAR(27) NOT NULL, 
	status INTEGER, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE checks (
	started_at VARCHAR(27) NOT NULL, 
	is_deep BOOLEAN NOT NULL, 
	files BIGINT NOT NULL, 
	findings BIGINT NOT NULL, 
	kinds TEXT NOT NULL, 
	PRIMARY KEY (started_at)
);
CREATE TABLE clock (
	right_at VARCHAR(27) NOT NULL, 
	boot VARCHAR(64) NOT NULL, 
	uptime FLOAT NOT NULL, 
	sequence BIGINT NOT NULL, 
	doubt VARCHAR(8) NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (right_at)
);
INSERT INTO "clock" VALUES('2026-11-20T10:00:00.000000Z','',0.0,11,'','');
CREATE TABLE counts (
	dataset VARCHAR(64) NOT NULL, 
	measure VARCHAR(20) NOT NULL, 
	label VARCHAR(64) NOT NULL, 
	amount BIGINT NOT NULL, 
	PRIMARY KEY (dataset, measure, label)
);
INSERT INTO "counts" VALUES('http_requests','batches','',7);
INSERT INTO "counts" VALUES('http_requests','body_bytes','',1884);
INSERT INTO "counts" VALUES('http_requests','inflated_bytes','',5555);
INSERT INTO "counts" VALUES('access_requests','batches','',2);
INSERT INTO "counts" VALUES('access_requests','body_bytes','',509);
INSERT INTO "counts" VALUES('access_requests','inflated_bytes','',678);
INSERT INTO "counts" VALUES('http_requests','files','',6);
INSERT INTO "counts" VALUES('http_requests','live_rows','',13);
INSERT INTO "counts" VALUES('http_requests','parquet_bytes','',153510);
INSERT INTO "counts" VALUES('http_requests','decoded_rows','native',16);
INSERT INTO "counts" VALUES('http_requests','rows','',16);
INSERT INTO "counts" VALUES('http_requests','shape','ndjson',7);
INSERT INTO "counts" VALUES('access_requests','files','',2);
INSERT INTO "counts" VALUES('access_requests','live_rows','',2);
INSERT INTO "counts" VALUES('access_requests','parquet_bytes','',9372);
INSERT INTO "counts" VALUES('access_requests','decoded_rows','native',2);
INSERT INTO "counts" VALUES('access_requests','rows','',2);
INSERT INTO "counts" VALUES('access_requests','shape','ndjson',2);
INSERT INTO "counts" VALUES('http_requests','folded_rows','',2);
INSERT INTO "counts" VALUES('rejected','files','',1);
INSERT INTO "counts" VALUES('rejected','live_rows','',1);
INSERT INTO "counts" VALUES('rejected','parquet_bytes','',1352);
INSERT INTO "counts" VALUES('http_requests','misfits','',1);
INSERT INTO "counts" VALUES('http_requests','rejected_lines','',1);
INSERT INTO "counts" VALUES('http_requests','unknown_members','',2);
CREATE TABLE coverage (
	job BIGINT NOT NULL, 
	hour VARCHAR(27) NOT NULL, 
	dataset VARCHAR(64) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	missing BIGINT, 
	why TEXT NOT NULL, 
	counted BIGINT, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (job, hour), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE damaged (
	path VARCHAR(255) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	found_at VARCHAR(27) NOT NULL, 
	found_by VARCHAR(16) NOT NULL, 
	PRIMARY KEY (path)
);
CREATE TABLE drifts (
	place VARCHAR(64) NOT NULL, 
	found TEXT NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (place), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE entries (
	sequence BIGINT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	payload TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	PRIMARY KEY (sequence), 
	UNIQUE (digest)
);
INSERT INTO "entries" VALUES(1,'batch','2026-10-02T10:00:00.000000Z','0000000000000000000000000000000000000000000000000000000000000000','{"batch_id":"aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661","body_bytes":279,"content":"blake3:2882712eb1a97e61934d84e4138c13e258ff9cee7c5d09e11a9a2eb75ae91b8d","dataset":"http_requests","inflated_bytes":1037,"raw_path":"raw/2026-10-02/aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661.gz","reason":null,"received_at":"2026-10-02T10:00:00.000000Z"}','1fada2636ac000b991256ee6bdec28c781d574ce6e180872b6d2bd3f0490d711');
INSERT INTO "entries" VALUES(2,'batch','2026-10-02T10:00:00.000000Z','1fada2636ac000b991256ee6bdec28c781d574ce6e180872b6d2bd3f0490d711','{"batch_id":"736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f","body_bytes":280,"content":"blake3:6f92fc319681ed22856c0de66ca9f18e592a4a4dd1c7211a0367c55e6e176c8f","dataset":"http_requests","inflated_bytes":1037,"raw_path":"raw/2026-10-02/736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f.gz","reason":null,"received_at":"2026-10-02T10:00:00.000000Z"}','7f531df141a14866c23bfc48b8fb315a4bdd79af0fc2a40bd3831fe08dde818e');
INSERT INTO "entries" VALUES(3,'batch','2026-10-02T10:00:00.000000Z','7f531df141a14866c23bfc48b8fb315a4bdd79af0fc2a40bd3831fe08dde818e','{"batch_id":"40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba","body_bytes":252,"content":"blake3:2f33a129e47db04f53a71e29a3586d9bef5821aaab523a499730381a1264a305","dataset":"access_requests","inflated_bytes":334,"raw_path":"raw/2026-10-02/40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba.gz","reason":null,"received_at":"2026-10-02T10:00:00.000000Z"}','d0aa80c9d2ef20441694dfdea5f6f64f53758d6c4bf91e3b3afe562f60fe572b');
INSERT INTO "entries" VALUES(4,'loaded','2026-10-02T10:00:00.000000Z','d0aa80c9d2ef20441694dfdea5f6f64f53758d6c4bf91e3b3afe562f60fe572b','{"batches":[{"batch":1,"batch_id":"aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"},{"batch":2,"batch_id":"736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"}],"files":[{"bytes":23975,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21-bf8533ae.parquet","rows":3,"sha256":"a5a2ba6ed115b18c475bcd1eab8c3283bafe4e67d6e88aee4ae24abc82ff1c5f","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":23975,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21-bf8533ae.parquet","rows":3,"sha256":"f8c28a08a57346f9d2a4fe939752cf75d1aaccc0b2e6bf5b543f4fd7fbfc15e6","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"}]}','a7cd79f7089732a3ff2e6fe1b3c8b6e32059fc4a27558887fbead51283d3dbfd');
INSERT INTO "entries" VALUES(5,'loaded','2026-10-02T10:00:00.000000Z','a7cd79f7089732a3ff2e6fe1b3c8b6e32059fc4a27558887fbead51283d3dbfd','{"batches":[{"batch":3,"batch_id":"40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba","blank_lines":0,"decoder":"native","lines":1,"rejected_lines":0,"rows":1,"shape":"ndjson"}],"files":[{"bytes":4697,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77-ddc20d72.parquet","rows":1,"sha256":"74356c667e2c20fabbb2ac3119ba8288ef96cdb11ead9b841e0d169b5048265d","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}]}','1cdbc0db847e6479b377ae392b7821a054761378fdf50ce7748ee7021f1fab1e');
INSERT INTO "entries" VALUES(6,'compacted','2026-11-20T10:00:00.000000Z','1cdbc0db847e6479b377ae392b7821a054761378fdf50ce7748ee7021f1fab1e','{"dataset":"access_requests","files":[{"bytes":4681,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/sorted-day-fa8ae2d080781760-000.parquet","rows":1,"sha256":"f6fb4b43b78a3238194c977f66e034afdbb4669f4f02aba8be0c1497a9e61de9","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10-01","retired":["parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77-ddc20d72.parquet"],"rows_after":1,"rows_before":1,"tier":"day"}','8a857d5350426e237cb4c691080984127c87f2c4fd5a273d25500f3da76ac1ce');
INSERT INTO "entries" VALUES(7,'compacted','2026-11-20T10:00:00.000000Z','8a857d5350426e237cb4c691080984127c87f2c4fd5a273d25500f3da76ac1ce','{"dataset":"http_requests","files":[{"bytes":26355,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-86ed292984d4d8d5-000.parquet","rows":2,"sha256":"417bf03ff3a7e82ae006e68ce0334e8a4ce00994ad7d27fd137234da1a0b50b7","time_max":"2026-10-01T09:02:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":26035,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-86ed292984d4d8d5-001.parquet","rows":1,"sha256":"0da5465fe563f266bad53359269e14866b6cf00ed302e50057e5a560cf5688bf","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10-01","retired":["parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21-bf8533ae.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','e325ed46cedaa06045a47c3cc49bf4ff17b09ce797ff4ee3a9058d1938981a59');
INSERT INTO "entries" VALUES(8,'compacted','2026-11-20T10:00:00.000000Z','e325ed46cedaa06045a47c3cc49bf4ff17b09ce797ff4ee3a9058d1938981a59','{"dataset":"http_requests","files":[{"bytes":26353,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-87675b6b229e69cb-000.parquet","rows":2,"sha256":"7adcb5332a9d7ad79d075554b221e1d4195445259884994d7a1cbba4b37f821c","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"},{"bytes":26034,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-87675b6b229e69cb-001.parquet","rows":1,"sha256":"188f679243b97b495607a404d9119d1dfc0e73036cfaaaf33552fe925f260ab6","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:06:07.123456Z"}],"folded":0,"label":"2026-10-02","retired":["parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21-bf8533ae.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','43a3eb6e8b79f25c2bb246aaabe338f5bed1ed106ba6841ebef60f03a7436fee');
INSERT INTO "entries" VALUES(9,'compacted','2026-11-20T10:00:00.000000Z','43a3eb6e8b79f25c2bb246aaabe338f5bed1ed106ba6841ebef60f03a7436fee','{"dataset":"access_requests","files":[{"bytes":4673,"dataset":"access_requests","day":"2026-10","path":"parts/access_requests/month=2026-10/sorted-month-fe640cd2f785cd72-000.parquet","rows":1,"sha256":"57f3d75e022e10e4710886cf7f83626d42d9deba40cc94280c062be0b82049ef","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10","retired":["parts/access_requests/date=2026-10-01/sorted-day-fa8ae2d080781760-000.parquet"],"rows_after":1,"rows_before":1,"tier":"month"}','dd69f3c70a1b1d0b5adce7ca5268f5d65060268b7a5cc3ccbef5042b05754c5d');
INSERT INTO "entries" VALUES(10,'compacted','2026-11-20T10:00:00.000000Z','dd69f3c70a1b1d0b5adce7ca5268f5d65060268b7a5cc3ccbef5042b05754c5d','{"dataset":"http_requests","files":[{"bytes":26818,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-3b6673dae63c64dd-000.parquet","rows":4,"sha256":"1af2eb00841ed045e6132380dd4921bb3322e8963da50fc5ef6548a5078a20e2","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":26554,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-3b6673dae63c64dd-001.parquet","rows":2,"sha256":"439a8d1b8c0afc5999f7c5dd0b133902500096dea7075503c635c192811abbf0","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10","retired":["parts/http_requests/date=2026-10-01/sorted-day-86ed292984d4d8d5-000.parquet","parts/http_requests/date=2026-10-01/sorted-day-86ed292984d4d8d5-001.parquet","parts/http_requests/date=2026-10-02/sorted-day-87675b6b229e69cb-000.parquet","parts/http_requests/date=2026-10-02/sorted-day-87675b6b229e69cb-001.parquet"],"rows_after":6,"rows_before":6,"tier":"month"}','83439f0eb59820fa4d47720ced3e2f60a4d4efa669d224393679cb585cc16630');
INSERT INTO "entries" VALUES(11,'clock','2026-11-20T10:00:00.000000Z','83439f0eb59820fa4d47720ced3e2f60a4d4efa669d224393679cb585cc16630','{"confirmed":"2026-11-20T10:00:00.000000Z","why":"the clock says 2026-11-20T10:00:00.000000Z, which was reached more than 48 hours after 2026-10-02T10:00:00.000000Z without any ledger entry between"}','62e11a0ab2f8403a61319d73a9d26f72e56355fc16b441b2fb65e21792669632');
INSERT INTO "entries" VALUES(12,'retired','2026-11-20T10:00:00.000000Z','62e11a0ab2f8403a61319d73a9d26f72e56355fc16b441b2fb65e21792669632','{"dataset":"access_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[3],"raw_bytes":252,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0,"stray_files":0}','263097ab832785c5c8007f607e976ead8c61088e1fad18d98bccbce808a3401a');
INSERT INTO "entries" VALUES(13,'retired','2026-11-20T10:00:00.000000Z','263097ab832785c5c8007f607e976ead8c61088e1fad18d98bccbce808a3401a','{"dataset":"http_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[1,2],"raw_bytes":559,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0,"stray_files":0}','5a45f6d11a6d9199bb9603dc1fe74dd635875585afc77c1996173512e3760fca');
INSERT INTO "entries" VALUES(14,'batch','2026-11-20T10:00:00.000000Z','5a45f6d11a6d9199bb9603dc1fe74dd635875585afc77c1996173512e3760fca','{"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","body_bytes":261,"content":"blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b","dataset":"http_requests","inflated_bytes":706,"raw_path":"raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','a887dbce1bd70a28214685c3a5e6d4d5422898d395cdaf00243a5f6ee1e20e07');
INSERT INTO "entries" VALUES(15,'batch','2026-11-20T10:00:00.000000Z','a887dbce1bd70a28214685c3a5e6d4d5422898d395cdaf00243a5f6ee1e20e07','{"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","body_bytes":279,"content":"blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25","dataset":"http_requests","inflated_bytes":1036,"raw_path":"raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','56ccaa7fe02a36348c560ce74a9ef1d66715b6438fe640f523077682cb7c0679');
INSERT INTO "entries" VALUES(16,'loaded','2026-11-20T10:00:00.000000Z','56ccaa7fe02a36348c560ce74a9ef1d66715b6438fe640f523077682cb7c0679','{"batches":[{"batch":14,"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","blank_lines":0,"decoder":"native","lines":2,"rejected_lines":0,"rows":2,"shape":"ndjson"},{"batch":15,"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"}],"files":[{"bytes":24032,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/000000000014-de01ef7c37181d03-d716f820.parquet","rows":5,"sha256":"59c7bf8ce8a352ddfd80ff7ad38ffc3bcb9d72524d364b75fda9432644988533","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"}]}','3fbe40a23bed7487fe74420fbdf1e3dd64f2c3a0a14595aa5c044e5e188ee45d');
INSERT INTO "entries" VALUES(17,'compacted','2026-11-20T10:00:00.000000Z','3fbe40a23bed7487fe74420fbdf1e3dd64f2c3a0a14595aa5c044e5e188ee45d','{"dataset":"http_requests","files":[{"bytes":26382,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-eab40a19defa2b7f-000.parquet","rows":2,"sha256":"10fa6ffe47ab7fff1abc1c737deeb9b015e7c7173beee82f8b1a47c89cef08cc","time_max":"2026-11-19T09:08:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"},{"bytes":26033,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-eab40a19defa2b7f-001.parquet","rows":1,"sha256":"efbfce947001ca5ca09fbe2066785ce920b940e1227d6f62e3792fe278c91c8e","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:09:07.123456Z"}],"folded":2,"label":"2026-11-19","retired":["parts/http_requests/date=2026-11-19/000000000014-de01ef7c37181d03-d716f820.parquet"],"rows_after":3,"rows_before":5,"tier":"day"}','3d1f347e2e77d3e64ef789c8271c4d832093acfe0cdde914d0d4bf7b5e180cd0');
INSERT INTO "entries" VALUES(18,'batch','2026-11-22T10:00:00.000000Z','3d1f347e2e77d3e64ef789c8271c4d832093acfe0cdde914d0d4bf7b5e180cd0','{"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","body_bytes":275,"content":"blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129","dataset":"http_requests","inflated_bytes":718,"raw_path":"raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','36fb2c9c354eb82fc40b0893ad219b1cd0320f8eafdf43bdee8522ac9a2d0fe6');
INSERT INTO "entries" VALUES(19,'batch','2026-11-22T10:00:00.000000Z','36fb2c9c354eb82fc40b0893ad219b1cd0320f8eafdf43bdee8522ac9a2d0fe6','{"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","body_bytes":265,"content":"blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba","dataset":"http_requests","inflated_bytes":659,"raw_path":"raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','db5a452cc59159feab579a018dd66622fbdee597ccaba07ab76a7dcdb189dea1');
INSERT INTO "entries" VALUES(20,'batch','2026-11-22T10:00:00.000000Z','db5a452cc59159feab579a018dd66622fbdee597ccaba07ab76a7dcdb189dea1','{"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","body_bytes":257,"content":"blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75","dataset":"access_requests","inflated_bytes":344,"raw_path":"raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z","recovered":true}','0e2e54a0e42a077211b9873e9713f0f48e4b2c0f5d58a2d264701a350496b251');
INSERT INTO "entries" VALUES(21,'loaded','2026-11-22T10:00:00.000000Z','0e2e54a0e42a077211b9873e9713f0f48e4b2c0f5d58a2d264701a350496b251','{"batches":[{"batch":18,"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":1,"rows":2,"shape":"ndjson","unknown_members":2},{"batch":19,"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","blank_lines":0,"decoder":"native","lines":2,"misfits":1,"rejected_lines":0,"rows":2,"shape":"ndjson"}],"files":[{"bytes":24035,"dataset":"http_requests","day":"2026-11-22","path":"parts/http_requests/date=2026-11-22/000000000018-c406e2661688df8a-533ea3ac.parquet","rows":3,"sha256":"98bd759243ce72874621357002e71405d054c6affee00ef419948efb2fabc8b2","time_max":"2026-11-22T09:12:07.123456Z","time_min":"2026-11-22T09:10:07.123456Z"},{"bytes":1352,"dataset":"rejected","day":"2026-11-22","path":"parts/rejected/date=2026-11-22/000000000018-c406e2661688df8a-533ea3ac.parquet","rows":1,"sha256":"9cf92f89a8c32b54c6c753e2d5092b073b082e4b3e6fd4d4d3b67434891f857e","time_max":null,"time_min":null},{"bytes":23688,"dataset":"http_requests","day":"__other__","path":"parts/http_requests/date=__other__/000000000018-c406e2661688df8a-533ea3ac.parquet","rows":1,"sha256":"b8d4cc71b6531facec17bdd09e4e980a87de3450f363310a8914b31e351256c3","time_max":"1970-01-01T00:00:01.000000Z","time_min":"1970-01-01T00:00:01.000000Z"}]}','c598fd5d41ec11553f28d95b3b6bfd234e368545d708a4667951e4ecea5a99f1');
INSERT INTO "entries" VALUES(22,'loaded','2026-11-22T10:00:00.000000Z','c598fd5d41ec11553f28d95b3b6bfd234e368545d708a4667951e4ecea5a99f1','{"batches":[{"batch":20,"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","blank_lines":0,"decoder":"native","lines":1,"rejected_lines":0,"rows":1,"shape":"ndjson"}],"files":[{"bytes":4699,"dataset":"access_requests","day":"2026-11-22","path":"parts/access_requests/date=2026-11-22/000000000020-6ab273a68130001f-3e4de704.parquet","rows":1,"sha256":"9c14278f4db4e0d768d8cd896cce9a77898b86b071402011d8505c323b27b09c","time_max":"2026-11-22T08:00:00.000000Z","time_min":"2026-11-22T08:00:00.000000Z"}]}','b9eb690b5c48ee2ab69ebfa9a97db907237f9e76b11b24929672911728401e2e');
INSERT INTO "entries" VALUES(23,'hold','2026-11-22T10:00:00.000000Z','b9eb690b5c48ee2ab69ebfa9a97db907237f9e76b11b24929672911728401e2e','{"criteria":{"user":"ef02adb9828a35f37db3bf0627bf2ebd110e7dbcf51db187e40503ca955af802"},"id":"15c03ec028bc49a0","is_exact":true,"reason":"case 1"}','cf98a18456fb7e16fcf6b503bc0a2f2e328d2815ebf4fb06c6aa574274e0603d');
INSERT INTO "entries" VALUES(24,'hold','2026-11-22T10:00:00.000000Z','cf98a18456fb7e16fcf6b503bc0a2f2e328d2815ebf4fb06c6aa574274e0603d','{"criteria":{"user":"89113ccb0afcd34f0917f1bf17468868a90c0e99b65e86d2b830dadf8f45cc43"},"id":"ab533ef08b42aee8","is_exact":false,"reason":"case 1"}','005003be7c26005bde9fabe3c8f438985d90077616389ef201e3b45413c3895c');
INSERT INTO "entries" VALUES(25,'batch','2026-11-22T10:00:00.000000Z','005003be7c26005bde9fabe3c8f438985d90077616389ef201e3b45413c3895c','{"batch_id":"2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a","body_bytes":245,"content":"blake3:6134840aba49800abf80427b15b92038d93f0b476180dd48d96b4b195c6ce251","dataset":"http_requests","inflated_bytes":362,"raw_path":"raw/2026-11-22/2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','eac6e198ad1d8cf0f088d23c71045de612a4116c0a735d48189fa52f17e6bfad');
INSERT INTO "entries" VALUES(26,'loaded','2026-11-22T10:00:00.000000Z','eac6e198ad1d8cf0f088d23c71045de612a4116c0a735d48189fa52f17e6bfad','{"batches":[{"batch":25,"batch_id":"2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a","blank_lines":0,"decoder":"native","lines":1,"rejected_lines":0,"rows":1,"shape":"ndjson"}],"files":[{"bytes":23897,"dataset":"http_requests","day":"2026-11-22","path":"parts/http_requests/date=2026-11-22/000000000025-2daf959593556132-e1e5e77a.parquet","rows":1,"sha256":"e6fea111ad8abd653eaab286a68a9eda74b51aebc0253f6f8b1a69a06038dbf5","time_max":"2026-11-22T08:00:00.000000Z","time_min":"2026-11-22T08:00:00.000000Z"}]}','cd1e5e42f3fb368c55c6b0e2ff969f8a8ee5f2806c97a1d5a56ae8c9ebc6b1eb');
INSERT INTO "entries" VALUES(27,'erased','2026-11-22T10:00:00.000000Z','cd1e5e42f3fb368c55c6b0e2ff969f8a8ee5f2806c97a1d5a56ae8c9ebc6b1eb','{"covers":["catalog","quarantine_and_strays","raw_bodies","rejected_lines","rows"],"datasets":{"http_requests":{"files":1,"kept":"0:0:0","kept_by_hold":{},"left_out":"1:dbed13a2:48f7795","mentions":0,"raw_bodies":1,"raw_bodies_kept":0,"rejected_lines":0,"rows":1}},"does_not_cover":["backups","copies","disk_blocks","holds","mentions","open_shells","other_encodings","other_spellings","published_tables","sources","unsearchable"],"files":[],"holds_blanked":[],"keep_out":{"before":"2026-11-22T10:00:00.000000Z","digests":["f1e8c4e2cc0ba0e92530270b2570c371ad09a8b7131481f803951fb636fbf3d7"],"salt":"c05cf44bed4226a5cc1497eaa51e821169537dfafc8babbd47a8104874d1b41f","until":"2026-12-22T10:00:00.000000Z"},"quarantined_bodies":0,"raw_batches":[25],"raw_bodies":1,"raw_bodies_kept":0,"reason":"request 7","retired":["parts/http_requests/date=2026-11-22/000000000025-2daf959593556132-e1e5e77a.parquet"],"retired_files":0,"rows_after":0,"rows_before":1,"stray_files":0,"unsearchable_bodies":0,"unsearchable_lines":0,"unsearched_files":[],"user_digest":"3c6367aac847aab06b18b75b635a465acb43b87a1068c61ef18672e6831ed34d"}','d4d3fb3d7044528b14743a4b3491f3130a71702011406471468fd0accb80687e');
CREATE TABLE excluded_records (
	batch BIGINT NOT NULL, 
	sequence BIGINT NOT NULL, 
	records BIGINT NOT NULL, 
	rejected_lines BIGINT NOT NULL, 
	is_held BOOLEAN NOT NULL, 
	PRIMARY KEY (batch)
);
CREATE TABLE facts (
	name VARCHAR(32) NOT NULL, 
	value VARCHAR(64) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('format','2');
INSERT INTO "facts" VALUES('ledger','begun');
INSERT INTO "facts" VALUES('probable_counted','1');
CREATE TABLE fields (
	dataset VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	field VARCHAR(100) NOT NULL, 
	times BIGINT NOT NULL, 
	first_batch BIGINT NOT NULL, 
	PRIMARY KEY (dataset, kind, field)
);
INSERT INTO "fields" VALUES('http_requests','unknown','Unheard',2,18);
INSERT INTO "fields" VALUES('http_requests','misfit','EdgeResponseStatus',1,19);
CREATE TABLE files (
	path VARCHAR(255) NOT NULL, 
	dataset VARCHAR(64) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	bytes BIGINT NOT NULL, 
	rows BIGINT NOT NULL, 
	time_min VARCHAR(27), 
	time_max VARCHAR(27), 
	user_min TEXT, 
	user_max TEXT, 
	added_sequence BIGINT NOT NULL, 
	retired_sequence BIGINT, 
	columns VARCHAR(16), 
	format INTEGER, 
	tier VARCHAR(8), 
	folded BIGINT DEFAULT '0' NOT NULL, 
	probable BIGINT DEFAULT '0' NOT NULL, 
	number BIGINT, 
	PRIMARY KEY (path), 
	FOREIGN KEY(added_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "files" VALUES('parts/access_requests/month=2026-10/sorted-month-fe640cd2f785cd72-000.parquet','access_requests','2026-10','57f3d75e022e10e4710886cf7f83626d42d9deba40cc94280c062be0b82049ef',4673,1,'2026-10-01T08:00:00.000000Z','2026-10-01T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',9,NULL,'19d984c328fcad26',2,'month',0,0,589824);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-3b6673dae63c64dd-000.parquet','http_requests','2026-10','1af2eb00841ed045e6132380dd4921bb3322e8963da50fc5ef6548a5078a20e2',26818,4,'2026-10-01T09:01:07.123456Z','2026-10-02T09:05:07.123456Z','dora','srhea',10,NULL,'4dda6720002a6663',2,'month',0,0,655360);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-3b6673dae63c64dd-001.parquet','http_requests','2026-10','439a8d1b8c0afc5999f7c5dd0b133902500096dea7075503c635c192811abbf0',26554,2,'2026-10-01T09:03:07.123456Z','2026-10-02T09:06:07.123456Z',NULL,NULL,10,NULL,'4dda6720002a6663',2,'month',0,0,655361);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-eab40a19defa2b7f-000.parquet','http_requests','2026-11-19','10fa6ffe47ab7fff1abc1c737deeb9b015e7c7173beee82f8b1a47c89cef08cc',26382,2,'2026-11-19T09:07:07.123456Z','2026-11-19T09:08:07.123456Z','ada','srhea',17,NULL,'4dda6720002a6663',2,'day',2,0,1114112);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-eab40a19defa2b7f-001.parquet','http_requests','2026-11-19','efbfce947001ca5ca09fbe2066785ce920b940e1227d6f62e3792fe278c91c8e',26033,1,'2026-11-19T09:09:07.123456Z','2026-11-19T09:09:07.123456Z',NULL,NULL,17,NULL,'4dda6720002a6663',2,'day',0,0,1114113);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-22/000000000018-c406e2661688df8a-533ea3ac.parquet','http_requests','2026-11-22','98bd759243ce72874621357002e71405d054c6affee00ef419948efb2fabc8b2',24035,3,'2026-11-22T09:10:07.123456Z','2026-11-22T09:12:07.123456Z','dora','srhea',21,NULL,'4b247bd9607f186e',2,'part',0,0,NULL);
INSERT INTO "files" VALUES('parts/rejected/date=2026-11-22/000000000018-c406e2661688df8a-533ea3ac.parquet','rejected','2026-11-22','9cf92f89a8c32b54c6c753e2d5092b073b082e4b3e6fd4d4d3b67434891f857e',1352,1,NULL,NULL,NULL,NULL,21,NULL,'93059cb954c6f192',2,'part',0,0,NULL);
INSERT INTO "files" VALUES('parts/http_requests/date=__other__/000000000018-c406e2661688df8a-533ea3ac.parquet','http_requests','__other__','b8d4cc71b6531facec17bdd09e4e980a87de3450f363310a8914b31e351256c3',23688,1,'1970-01-01T00:00:01.000000Z','1970-01-01T00:00:01.000000Z','srhea','srhea',21,NULL,'4b247bd9607f186e',2,'part',0,0,NULL);
INSERT INTO "files" VALUES('parts/access_requests/date=2026-11-22/000000000020-6ab273a68130001f-3e4de704.parquet','access_requests','2026-11-22','9c14278f4db4e0d768d8cd896cce9a77898b86b071402011d8505c323b27b09c',4699,1,'2026-11-22T08:00:00.000000Z','2026-11-22T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',22,NULL,'b806065e90e62069',2,'part',0,0,NULL);
CREATE TABLE holds (
	id VARCHAR(16) NOT NULL, 
	user TEXT, 
	host TEXT, 
	since VARCHAR(27), 
	until VARCHAR(27), 
	reason TEXT NOT NULL, 
	placed_sequence BIGINT NOT NULL, 
	released_sequence BIGINT, 
	release_reason TEXT, 
	is_exact BOOLEAN DEFAULT '1' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(placed_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(released_sequence) REFERENCES entries (sequence)
);
INSERT INTO "holds" VALUES('15c03ec028bc49a0','dora',NULL,NULL,NULL,'case 1',23,NULL,NULL,1);
INSERT INTO "holds" VALUES('ab533ef08b42aee8','Ada',NULL,NULL,NULL,'case 1',24,NULL,NULL,0);
CREATE TABLE imports (
	uri VARCHAR(1024) NOT NULL, 
	asked VARCHAR(64) NOT NULL, 
	bytes BIGINT NOT NULL, 
	modified VARCHAR(40) NOT NULL, 
	imported_at VARCHAR(27) NOT NULL, 
	batches TEXT NOT NULL, 
	PRIMARY KEY (uri, asked)
);
CREATE TABLE keep_outs (
	erasure BIGINT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	salt VARCHAR(64) NOT NULL, 
	"before" VARCHAR(27) NOT NULL, 
	until VARCHAR(27) NOT NULL, 
	PRIMARY KEY (erasure, digest), 
	FOREIGN KEY(erasure) REFERENCES entries (sequence)
);
INSERT INTO "keep_outs" VALUES(27,'f1e8c4e2cc0ba0e92530270b2570c371ad09a8b7131481f803951fb636fbf3d7','c05cf44bed4226a5cc1497eaa51e821169537dfafc8babbd47a8104874d1b41f','2026-11-22T10:00:00.000000Z','2026-12-22T10:00:00.000000Z');
CREATE TABLE marks (
	dataset VARCHAR(64) NOT NULL, 
	mark VARCHAR(32) NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (dataset, mark)
);
CREATE TABLE people (
	who BIGINT NOT NULL, 
	file BIGINT NOT NULL, 
	PRIMARY KEY (who, file)
);
INSERT INTO "people" VALUES(8620372644912582709,589824);
INSERT INTO "people" VALUES(4814462654261809296,655360);
INSERT INTO "people" VALUES(7627744920348735416,655360);
INSERT INTO "people" VALUES(-149108013456861218,1114112);
INSERT INTO "people" VALUES(4814462654261809296,1114112);
CREATE TABLE refusals (
	sha256 VARCHAR(64) NOT NULL, 
	times INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	first_at VARCHAR(27) NOT NULL, 
	last_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (sha256)
);
CREATE TABLE removals (
	path VARCHAR(255) NOT NULL, 
	due_at VARCHAR(27) NOT NULL, 
	shown_until BIGINT, 
	PRIMARY KEY (path)
);
CREATE TABLE scrubs (
	number INTEGER NOT NULL, 
	started_at VARCHAR(27) NOT NULL, 
	ended_at VARCHAR(27), 
	after_path VARCHAR(255) NOT NULL, 
	files BIGINT NOT NULL, 
	bytes BIGINT NOT NULL, 
	unreadable BIGINT NOT NULL, 
	catalog_problem TEXT NOT NULL, 
	PRIMARY KEY (number)
);
CREATE INDEX people_by_file ON people (file);
CREATE INDEX removals_by_due_at ON removals (due_at);
CREATE INDEX marks_by_dataset_and_sequence ON marks (dataset, sequence);
CREATE INDEX batches_by_batch_id ON batches (batch_id);
CREATE INDEX batches_surplus ON batches (sent_as) WHERE sent_as IS NOT NULL;
CREATE INDEX batches_by_state_and_dataset ON batches (state, dataset, received_at);
CREATE INDEX batches_by_state ON batches (state, sequence);
CREATE INDEX batches_begun ON batches (begun_by, received_at) WHERE begun_by IS NOT NULL;
CREATE INDEX batches_by_loaded_sequence ON batches (loaded_sequence);
CREATE INDEX batches_by_raw_path ON batches (raw_path);
CREATE INDEX batches_by_raw_retired_sequence ON batches (raw_retired_sequence, received_at);
CREATE INDEX batches_recovered ON batches (batch_id) WHERE recovered = 1;
CREATE INDEX files_by_added_sequence ON files (added_sequence);
CREATE INDEX files_by_retired_sequence ON files (retired_sequence);
CREATE INDEX files_by_dataset_and_day ON files (dataset, day);
CREATE INDEX coverage_by_dataset_and_hour ON coverage (dataset, hour);
CREATE INDEX canaries_by_sent_at ON canaries (sent_at);
COMMIT;
