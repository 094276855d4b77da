BEGIN TRANSACTION;
CREATE TABLE acknowledgements (
	alarm VARCHAR(128) NOT NULL, 
	amount BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	acknowledged_at VARCHAR(27) NOT NULL, 
	sequence BIGINT NOT NULL, 
	acknowledged_by TEXT, 
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
INSERT INTO "backups" VALUES('/tmp/tmprxhkge1s/backup','2026-11-23T12:00:00.000000Z');
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
INSERT INTO "batches" VALUES(1,'aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661','http_requests','blake3:2882712eb1a97e61934d84e4138c13e258ff9cee7c5d09e11a9a2eb75ae91b8d',279,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,3,0,0,4,'ndjson','native',0,0,0,0,0,NULL,NULL,13,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(2,'736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f','http_requests','blake3:6f92fc319681ed22856c0de66ca9f18e592a4a4dd1c7211a0367c55e6e176c8f',280,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,3,0,0,4,'ndjson','native',0,0,0,0,0,NULL,NULL,13,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(3,'40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba','access_requests','blake3:2f33a129e47db04f53a71e29a3586d9bef5821aaab523a499730381a1264a305',252,334,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,1,0,0,5,'ndjson','native',0,0,0,0,0,NULL,NULL,12,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(14,'de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe','http_requests','blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b',261,706,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,2,0,0,16,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(15,'0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993','http_requests','blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25',279,1036,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,3,0,0,16,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(18,'c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d','http_requests','blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129',275,718,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,2,1,0,21,'ndjson','native',0,0,2,0,0,NULL,'{"unknown":{"Unheard":2}}',NULL,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(19,'0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940','http_requests','blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba',265,659,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,2,0,0,21,'ndjson','native',1,0,0,0,0,NULL,'{"misfit":{"EdgeResponseStatus":1}}',NULL,0,0,0,NULL,NULL);
INSERT INTO "batches" VALUES(20,'6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20','access_requests','blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75',257,344,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,1,0,0,22,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0,1,NULL,NULL);
INSERT INTO "batches" VALUES(25,'2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a','http_requests','blake3:6134840aba49800abf80427b15b92038d93f0b476180dd48d96b4b195c6ce251',245,362,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a.gz','loaded',NULL,1,'edf20ce4cfe44eb7',0,1,0,0,26,'ndjson','native',0,0,0,0,0,NULL,NULL,27,0,0,0,NULL,NULL);
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
INSERT INTO "entries" VALUES(4,'loaded','2026-10-02T10:00:00.000000Z','d0aa80c9d2ef20441694dfdea5f6f64f53758d6c4bf91e3b3afe562f60fe572b','{"batches":[{"batch":1,"batch_id":"aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"},{"batch":2,"batch_id":"736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"}],"files":[{"bytes":23975,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21-a5289125.parquet","rows":3,"sha256":"6c48a30890a27869ca9e329b9db4fde9324fda7cfe9a491de9b3c2e0381e1dab","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":23975,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21-a5289125.parquet","rows":3,"sha256":"a36d116a8ccdadf19d3d91aa373c23f46275e36293bb342f3f4ad31aee48c9ae","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"}]}','641ae9c96369c3672fc8c99ae339e0a5f54de886a1579ad84ead43a11fb770ce');
INSERT INTO "entries" VALUES(5,'loaded','2026-10-02T10:00:00.000000Z','641ae9c96369c3672fc8c99ae339e0a5f54de886a1579ad84ead43a11fb770ce','{"batches":[{"batch":3,"batch_id":"40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba","blank_lines":0,"decoder":"native","lines":1,"rejected_lines":0,"rows":1,"shape":"ndjson"}],"files":[{"bytes":4697,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77-ca64c1f2.parquet","rows":1,"sha256":"f6c70d2a6e0a1ca9cd76b9ba52a413294dd523d6a7a430b1c826b891812e9912","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}]}','f98d20fd2ece894e8d504bb1af8ed70d70f6289c69de549c8cdc02da6f11219a');
INSERT INTO "entries" VALUES(6,'compacted','2026-11-20T10:00:00.000000Z','f98d20fd2ece894e8d504bb1af8ed70d70f6289c69de549c8cdc02da6f11219a','{"dataset":"access_requests","files":[{"bytes":4681,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/sorted-day-9ed068b46c0d189f-000.parquet","rows":1,"sha256":"8c2104d476312a379f067b22382abe09dd7323231f0dc5ce63e3af696ce1a557","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10-01","retired":["parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77-ca64c1f2.parquet"],"rows_after":1,"rows_before":1,"tier":"day"}','9c563b8aa153e9aaee50bb15557a79ee0b98c3eb8f6e8c4521ca6201693aeefe');
INSERT INTO "entries" VALUES(7,'compacted','2026-11-20T10:00:00.000000Z','9c563b8aa153e9aaee50bb15557a79ee0b98c3eb8f6e8c4521ca6201693aeefe','{"dataset":"http_requests","files":[{"bytes":26355,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-00f388b51d98ec58-000.parquet","rows":2,"sha256":"286291cb2f25f414f1bc5a72b95ca01a1c151aa5ae220d31d43d032a8bcdd9a1","time_max":"2026-10-01T09:02:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":26035,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-00f388b51d98ec58-001.parquet","rows":1,"sha256":"03f0ebe3e4ff562d68aecf49c6e21a34d2a921c5a6249df6ed0052448a58787d","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10-01","retired":["parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21-a5289125.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','079cf67d4a32718e9e1673ea7a4e515df900309ac954abb950c0f82d2b295a2c');
INSERT INTO "entries" VALUES(8,'compacted','2026-11-20T10:00:00.000000Z','079cf67d4a32718e9e1673ea7a4e515df900309ac954abb950c0f82d2b295a2c','{"dataset":"http_requests","files":[{"bytes":26353,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-9d5cfbd2c93c52c3-000.parquet","rows":2,"sha256":"38006be1cf1181d2b275e0d8ad562dd76b786e2098a4abe2461b3099c9ff191e","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"},{"bytes":26034,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-9d5cfbd2c93c52c3-001.parquet","rows":1,"sha256":"46fe28fb5ffa910c2e4f9d184b142b4d953b3d37944f6a01ed8fbdcf8252163b","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:06:07.123456Z"}],"folded":0,"label":"2026-10-02","retired":["parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21-a5289125.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','60a2f4bc3f3f58b6c89f882a21fe027e717380908accbdb94e33b07a59183a28');
INSERT INTO "entries" VALUES(9,'compacted','2026-11-20T10:00:00.000000Z','60a2f4bc3f3f58b6c89f882a21fe027e717380908accbdb94e33b07a59183a28','{"dataset":"access_requests","files":[{"bytes":4673,"dataset":"access_requests","day":"2026-10","path":"parts/access_requests/month=2026-10/sorted-month-dfb9356120a62fe0-000.parquet","rows":1,"sha256":"59565ff61a4ad3cc6325ac355bcab70a420abc4d07f90be26e23855c49e7884e","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10","retired":["parts/access_requests/date=2026-10-01/sorted-day-9ed068b46c0d189f-000.parquet"],"rows_after":1,"rows_before":1,"tier":"month"}','3514cd5c8ecf6ce7779430e7d6e519a78027f58f0097e05eef850644e7778456');
INSERT INTO "entries" VALUES(10,'compacted','2026-11-20T10:00:00.000000Z','3514cd5c8ecf6ce7779430e7d6e519a78027f58f0097e05eef850644e7778456','{"dataset":"http_requests","files":[{"bytes":26818,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-d48db77240015b78-000.parquet","rows":4,"sha256":"62cf98aa26ae67caca9b2056fd10f2004e9138429f1629482c05a6d34a0d4325","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":26554,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-d48db77240015b78-001.parquet","rows":2,"sha256":"a81587a0ee59a987a7c93a296c7edf1d4d22be202b08435fd66c20f72e7784a5","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10","retired":["parts/http_requests/date=2026-10-01/sorted-day-00f388b51d98ec58-000.parquet","parts/http_requests/date=2026-10-01/sorted-day-00f388b51d98ec58-001.parquet","parts/http_requests/date=2026-10-02/sorted-day-9d5cfbd2c93c52c3-000.parquet","parts/http_requests/date=2026-10-02/sorted-day-9d5cfbd2c93c52c3-001.parquet"],"rows_after":6,"rows_before":6,"tier":"month"}','5c1a76921954db934bcdf8db8dc9357a34ecba22a4a028474e59c46724ed19b0');
INSERT INTO "entries" VALUES(11,'clock','2026-11-20T10:00:00.000000Z','5c1a76921954db934bcdf8db8dc9357a34ecba22a4a028474e59c46724ed19b0','{"confirmed":"2026-11-20T10:00:00.000000Z","why":"the clock says 2026-11-20T10:00:00.000000Z, which was reached more than 48 hours after 2026-10-02T10:00:00.000000Z without any ledger entry between"}','a0fae4cd1ea33db57eeb1beb973e02e5fb3c74d9b40a5783feb9e17c55c018c8');
INSERT INTO "entries" VALUES(12,'retired','2026-11-20T10:00:00.000000Z','a0fae4cd1ea33db57eeb1beb973e02e5fb3c74d9b40a5783feb9e17c55c018c8','{"dataset":"access_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[3],"raw_bytes":252,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0,"stray_files":0}','2a5daec099c29bfc4fd9ab5d4db4816d89caf4a86b5d89ec5c18617a4065ebab');
INSERT INTO "entries" VALUES(13,'retired','2026-11-20T10:00:00.000000Z','2a5daec099c29bfc4fd9ab5d4db4816d89caf4a86b5d89ec5c18617a4065ebab','{"dataset":"http_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[1,2],"raw_bytes":559,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0,"stray_files":0}','db19138572aa7f7daee9aa66d5b344f358127b094d3f156b5b6d8bad2ad3b38b');
INSERT INTO "entries" VALUES(14,'batch','2026-11-20T10:00:00.000000Z','db19138572aa7f7daee9aa66d5b344f358127b094d3f156b5b6d8bad2ad3b38b','{"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","body_bytes":261,"content":"blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b","dataset":"http_requests","inflated_bytes":706,"raw_path":"raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','03c12501847dd2337eae3aba98c441c1f8e9f3616b0e662c38220c6b44c55872');
INSERT INTO "entries" VALUES(15,'batch','2026-11-20T10:00:00.000000Z','03c12501847dd2337eae3aba98c441c1f8e9f3616b0e662c38220c6b44c55872','{"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","body_bytes":279,"content":"blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25","dataset":"http_requests","inflated_bytes":1036,"raw_path":"raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','1369cf1825289944c3f52f9d5aad3438eae4fb1e7d3347edf38e0c3d5dc4d0c0');
INSERT INTO "entries" VALUES(16,'loaded','2026-11-20T10:00:00.000000Z','1369cf1825289944c3f52f9d5aad3438eae4fb1e7d3347edf38e0c3d5dc4d0c0','{"batches":[{"batch":14,"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","blank_lines":0,"decoder":"native","lines":2,"rejected_lines":0,"rows":2,"shape":"ndjson"},{"batch":15,"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"}],"files":[{"bytes":24032,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/000000000014-de01ef7c37181d03-e63a0fa1.parquet","rows":5,"sha256":"7df2c13fc576700a996344fca919e1c6034718f6b21a7a8ce03bca654ae3e992","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"}]}','6883ed009409a5340fbcb71b58682a675eae5b5d3688d8751af2cae3b483830c');
INSERT INTO "entries" VALUES(17,'compacted','2026-11-20T10:00:00.000000Z','6883ed009409a5340fbcb71b58682a675eae5b5d3688d8751af2cae3b483830c','{"dataset":"http_requests","files":[{"bytes":26382,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-a30c24f519e8e6e9-000.parquet","rows":2,"sha256":"78d43fd57819e8e1dd8f2de14819d5dacbb4e4f46c330793be30f8372a823e4e","time_max":"2026-11-19T09:08:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"},{"bytes":26033,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-a30c24f519e8e6e9-001.parquet","rows":1,"sha256":"cf44324a0d7ad3d4ef14c8a1f8c141c0f6e2d0475dea2df6520c8eacd5eef223","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:09:07.123456Z"}],"folded":2,"label":"2026-11-19","retired":["parts/http_requests/date=2026-11-19/000000000014-de01ef7c37181d03-e63a0fa1.parquet"],"rows_after":3,"rows_before":5,"tier":"day"}','1d7761f53190acf4abbc4af80e1460470c0ba632e6a3d6ea3e50c33e0c4420fb');
INSERT INTO "entries" VALUES(18,'batch','2026-11-22T10:00:00.000000Z','1d7761f53190acf4abbc4af80e1460470c0ba632e6a3d6ea3e50c33e0c4420fb','{"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","body_bytes":275,"content":"blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129","dataset":"http_requests","inflated_bytes":718,"raw_path":"raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','2ba230a88c211aa1f6a4acef3fa368bb835fd03cd259abacf81d317232336b54');
INSERT INTO "entries" VALUES(19,'batch','2026-11-22T10:00:00.000000Z','2ba230a88c211aa1f6a4acef3fa368bb835fd03cd259abacf81d317232336b54','{"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","body_bytes":265,"content":"blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba","dataset":"http_requests","inflated_bytes":659,"raw_path":"raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','a5d64a1ce47ca628fe3bafd4c87101ad050b4a8b7cbf2d6258e26b1a778081b1');
INSERT INTO "entries" VALUES(20,'batch','2026-11-22T10:00:00.000000Z','a5d64a1ce47ca628fe3bafd4c87101ad050b4a8b7cbf2d6258e26b1a778081b1','{"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","body_bytes":257,"content":"blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75","dataset":"access_requests","inflated_bytes":344,"raw_path":"raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z","recovered":true}','1d2ed67dd72db13ee2f6a13c9849e604456dfae791bf0eb358d4863d53c4fcaf');
INSERT INTO "entries" VALUES(21,'loaded','2026-11-22T10:00:00.000000Z','1d2ed67dd72db13ee2f6a13c9849e604456dfae791bf0eb358d4863d53c4fcaf','{"batches":[{"batch":18,"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":1,"rows":2,"shape":"ndjson","unknown_members":2},{"batch":19,"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","blank_lines":0,"decoder":"native","lines":2,"misfits":1,"rejected_lines":0,"rows":2,"shape":"ndjson"}],"files":[{"bytes":24035,"dataset":"http_requests","day":"2026-11-22","path":"parts/http_requests/date=2026-11-22/000000000018-c406e2661688df8a-14e2dd80.parquet","rows":3,"sha256":"8890e5c17642e3119b28e26e7e5295bd90c01806bcd42e2e8b57144abc48163e","time_max":"2026-11-22T09:12:07.123456Z","time_min":"2026-11-22T09:10:07.123456Z"},{"bytes":1352,"dataset":"rejected","day":"2026-11-22","path":"parts/rejected/date=2026-11-22/000000000018-c406e2661688df8a-14e2dd80.parquet","rows":1,"sha256":"144436ce3e251bafedab114bcac066021ec3940559d8c7b04be72dcb5901e21f","time_max":null,"time_min":null},{"bytes":23688,"dataset":"http_requests","day":"__other__","path":"parts/http_requests/date=__other__/000000000018-c406e2661688df8a-14e2dd80.parquet","rows":1,"sha256":"447b83476a06989da7dabfed19b4ddd8b98b491c7965e8329e9e6498654c749d","time_max":"1970-01-01T00:00:01.000000Z","time_min":"1970-01-01T00:00:01.000000Z"}]}','96d464f0d9387f022c6b147f45d748064732ab57cae606f5fc92d3d03a495fd5');
INSERT INTO "entries" VALUES(22,'loaded','2026-11-22T10:00:00.000000Z','96d464f0d9387f022c6b147f45d748064732ab57cae606f5fc92d3d03a495fd5','{"batches":[{"batch":20,"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","blank_lines":0,"decoder":"native","lines":1,"rejected_lines":0,"rows":1,"shape":"ndjson"}],"files":[{"bytes":4699,"dataset":"access_requests","day":"2026-11-22","path":"parts/access_requests/date=2026-11-22/000000000020-6ab273a68130001f-1a8db31c.parquet","rows":1,"sha256":"89be863e6dc1d57180c22d5cc4bafecd6186297bb1661719cb10875af0cffbda","time_max":"2026-11-22T08:00:00.000000Z","time_min":"2026-11-22T08:00:00.000000Z"}]}','e0b46b9da925679320134ce606004ee479344882d2120538e146230423663b21');
INSERT INTO "entries" VALUES(23,'hold','2026-11-22T10:00:00.000000Z','e0b46b9da925679320134ce606004ee479344882d2120538e146230423663b21','{"criteria":{"user":"d8e9479905f58cb7679410d873c12cad024abb1b0d2f22135b2b1a92ed88a1ea"},"id":"c67fa950564139a0","is_exact":true,"reason":"case 1"}','e274446ad5e528b3ec46a95ec7def6add854184b7f78b8ed70d94495327c7a2b');
INSERT INTO "entries" VALUES(24,'hold','2026-11-22T10:00:00.000000Z','e274446ad5e528b3ec46a95ec7def6add854184b7f78b8ed70d94495327c7a2b','{"criteria":{"user":"146e5b51be55e40a8344ddfd9ecaac962220a8ae9e30730008e636e4e0e0db0a"},"id":"23388d43ea4d7f3c","is_exact":false,"reason":"case 1"}','1c29df1d6edbccf07e401c21ee891319029c1baea675cc1b2a3f8d9ebde4a267');
INSERT INTO "entries" VALUES(25,'batch','2026-11-22T10:00:00.000000Z','1c29df1d6edbccf07e401c21ee891319029c1baea675cc1b2a3f8d9ebde4a267','{"batch_id":"2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a","body_bytes":245,"content":"blake3:6134840aba49800abf80427b15b92038d93f0b476180dd48d96b4b195c6ce251","dataset":"http_requests","inflated_bytes":362,"raw_path":"raw/2026-11-22/2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','292e52a04bcda24854dbb56df0214c7b63b6eb52960b948ce0a9bf69e66f186f');
INSERT INTO "entries" VALUES(26,'loaded','2026-11-22T10:00:00.000000Z','292e52a04bcda24854dbb56df0214c7b63b6eb52960b948ce0a9bf69e66f186f','{"batches":[{"batch":25,"batch_id":"2daf959593556132c9b4e48cfc8ca2b2262ba3751394ca2e8929033bc5a9470a","blank_lines":0,"decoder":"native","lines":1,"rejected_lines":0,"rows":1,"shape":"ndjson"}],"files":[{"bytes":23897,"dataset":"http_requests","day":"2026-11-22","path":"parts/http_requests/date=2026-11-22/000000000025-2daf959593556132-50db23b4.parquet","rows":1,"sha256":"0415dea911367b5d85e563f271b31e0ea7f94cfdbd02d3221e6dac31f07663f2","time_max":"2026-11-22T08:00:00.000000Z","time_min":"2026-11-22T08:00:00.000000Z"}]}','ef218738cb484a215862589debb60df6622f4a337d74e5e1a3de8e568f0ffd88');
INSERT INTO "entries" VALUES(27,'erased','2026-11-22T10:00:00.000000Z','ef218738cb484a215862589debb60df6622f4a337d74e5e1a3de8e568f0ffd88','{"covers":["catalog","quarantine_and_strays","raw_bodies","rejected_lines","rows"],"datasets":{"http_requests":{"files":1,"kept":"0:0:0","kept_by_hold":{},"left_out":"1:dbed13a2:48f7795","mentions":0,"raw_bodies":1,"raw_bodies_kept":0,"rejected_lines":0,"rows":1}},"does_not_cover":["backups","copies","disk_blocks","holds","mentions","open_shells","other_encodings","other_spellings","published_tables","sources","unsearchable"],"files":[],"holds_blanked":[],"keep_out":{"before":"2026-11-22T10:00:00.000000Z","digests":["f1e8c4e2cc0ba0e92530270b2570c371ad09a8b7131481f803951fb636fbf3d7"],"salt":"c05cf44bed4226a5cc1497eaa51e821169537dfafc8babbd47a8104874d1b41f","until":"2026-12-22T10:00:00.000000Z"},"quarantined_bodies":0,"raw_batches":[25],"raw_bodies":1,"raw_bodies_kept":0,"reason":"request 7","retired":["parts/http_requests/date=2026-11-22/000000000025-2daf959593556132-50db23b4.parquet"],"retired_files":0,"rows_after":0,"rows_before":1,"stray_files":0,"unsearchable_bodies":0,"unsearchable_lines":0,"unsearched_files":[],"user_digest":"3c6367aac847aab06b18b75b635a465acb43b87a1068c61ef18672e6831ed34d"}','699cb1d1d839089f5ef5bae9176bf8178752d88a106d46c93c07e0fbe97938e0');
CREATE TABLE excluded_records (
	batch BIGINT NOT NULL, 
	sequence BIGINT NOT NULL, 
	records BIGINT NOT NULL, 
	rejected_lines BIGINT NOT NULL, 
	is_held BOOLEAN NOT NULL, 
	PRIMARY KEY (batch)
);
CREATE TABLE fact_values (
	file BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (file, number)
)
 WITHOUT ROWID

;
INSERT INTO "fact_values" VALUES(8,0,'device','');
INSERT INTO "fact_values" VALUES(8,1,'host','jira.widgetcorp.example');
INSERT INTO "fact_values" VALUES(8,2,'hour','9');
INSERT INTO "fact_values" VALUES(8,3,'section','jira.widgetcorp.example/browse');
INSERT INTO "fact_values" VALUES(10,0,'device','');
INSERT INTO "fact_values" VALUES(10,1,'host','jira.widgetcorp.example');
INSERT INTO "fact_values" VALUES(10,2,'hour','9');
INSERT INTO "fact_values" VALUES(10,3,'section','jira.widgetcorp.example/browse');
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
	users_number BIGINT, 
	facts_revision INTEGER, 
	facts_number BIGINT, 
	PRIMARY KEY (path), 
	FOREIGN KEY(added_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "files" VALUES('parts/access_requests/month=2026-10/sorted-month-dfb9356120a62fe0-000.parquet','access_requests','2026-10','59565ff61a4ad3cc6325ac355bcab70a420abc4d07f90be26e23855c49e7884e',4673,1,'2026-10-01T08:00:00.000000Z','2026-10-01T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',9,NULL,'19d984c328fcad26',2,'month',0,0,589824,7,NULL,NULL);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-d48db77240015b78-000.parquet','http_requests','2026-10','62cf98aa26ae67caca9b2056fd10f2004e9138429f1629482c05a6d34a0d4325',26818,4,'2026-10-01T09:01:07.123456Z','2026-10-02T09:05:07.123456Z','dora','srhea',10,NULL,'4dda6720002a6663',2,'month',0,0,655360,8,1,8);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-d48db77240015b78-001.parquet','http_requests','2026-10','a81587a0ee59a987a7c93a296c7edf1d4d22be202b08435fd66c20f72e7784a5',26554,2,'2026-10-01T09:03:07.123456Z','2026-10-02T09:06:07.123456Z',NULL,NULL,10,NULL,'4dda6720002a6663',2,'month',0,0,655361,0,NULL,NULL);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-a30c24f519e8e6e9-000.parquet','http_requests','2026-11-19','78d43fd57819e8e1dd8f2de14819d5dacbb4e4f46c330793be30f8372a823e4e',26382,2,'2026-11-19T09:07:07.123456Z','2026-11-19T09:08:07.123456Z','ada','srhea',17,NULL,'4dda6720002a6663',2,'day',2,0,1114112,10,1,10);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-a30c24f519e8e6e9-001.parquet','http_requests','2026-11-19','cf44324a0d7ad3d4ef14c8a1f8c141c0f6e2d0475dea2df6520c8eacd5eef223',26033,1,'2026-11-19T09:09:07.123456Z','2026-11-19T09:09:07.123456Z',NULL,NULL,17,NULL,'4dda6720002a6663',2,'day',0,0,1114113,0,NULL,NULL);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-22/000000000018-c406e2661688df8a-14e2dd80.parquet','http_requests','2026-11-22','8890e5c17642e3119b28e26e7e5295bd90c01806bcd42e2e8b57144abc48163e',24035,3,'2026-11-22T09:10:07.123456Z','2026-11-22T09:12:07.123456Z','dora','srhea',21,NULL,'4b247bd9607f186e',2,'part',0,0,NULL,11,NULL,NULL);
INSERT INTO "files" VALUES('parts/rejected/date=2026-11-22/000000000018-c406e2661688df8a-14e2dd80.parquet','rejected','2026-11-22','144436ce3e251bafedab114bcac066021ec3940559d8c7b04be72dcb5901e21f',1352,1,NULL,NULL,NULL,NULL,21,NULL,'93059cb954c6f192',2,'part',0,0,NULL,0,NULL,NULL);
INSERT INTO "files" VALUES('parts/http_requests/date=__other__/000000000018-c406e2661688df8a-14e2dd80.parquet','http_requests','__other__','447b83476a06989da7dabfed19b4ddd8b98b491c7965e8329e9e6498654c749d',23688,1,'1970-01-01T00:00:01.000000Z','1970-01-01T00:00:01.000000Z','srhea','srhea',21,NULL,'4b247bd9607f186e',2,'part',0,0,NULL,12,NULL,NULL);
INSERT INTO "files" VALUES('parts/access_requests/date=2026-11-22/000000000020-6ab273a68130001f-1a8db31c.parquet','access_requests','2026-11-22','89be863e6dc1d57180c22d5cc4bafecd6186297bb1661719cb10875af0cffbda',4699,1,'2026-11-22T08:00:00.000000Z','2026-11-22T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',22,NULL,'b806065e90e62069',2,'part',0,0,NULL,13,NULL,NULL);
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
INSERT INTO "holds" VALUES('c67fa950564139a0','dora',NULL,NULL,NULL,'case 1',23,NULL,NULL,1);
INSERT INTO "holds" VALUES('23388d43ea4d7f3c','Ada',NULL,NULL,NULL,'case 1',24,NULL,NULL,0);
CREATE TABLE imports (
	uri VARCHAR(1024) NOT NULL, 
	asked VARCHAR(64) NOT NULL, 
	bytes BIGINT NOT NULL, 
	modified VARCHAR(40) NOT NULL, 
	imported_at VARCHAR(27) NOT NULL, 
	batches TEXT NOT NULL, 
	PRIMARY KEY (uri, asked)
);
CREATE TABLE inferences (
	judged_at VARCHAR(27) NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (judged_at)
);
CREATE TABLE inferred_names (
	login_name TEXT NOT NULL, 
	request_name TEXT NOT NULL, 
	agreeing BIGINT NOT NULL, 
	against BIGINT NOT NULL, 
	addresses BIGINT NOT NULL, 
	first_login VARCHAR(27) NOT NULL, 
	last_login VARCHAR(27) NOT NULL, 
	PRIMARY KEY (login_name, request_name)
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
CREATE TABLE name_pairs (
	digest VARCHAR(64) NOT NULL, 
	salt VARCHAR(32) NOT NULL, 
	is_same BOOLEAN NOT NULL, 
	name TEXT, 
	other TEXT, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (digest), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
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
CREATE TABLE user_days (
	who BIGINT NOT NULL, 
	file BIGINT NOT NULL, 
	day INTEGER NOT NULL, 
	rows BIGINT NOT NULL, 
	first_us BIGINT, 
	last_us BIGINT, 
	PRIMARY KEY (who, file, day)
)
 WITHOUT ROWID

;
INSERT INTO "user_days" VALUES(-149108013456861218,10,20776,1,1795079287123456,1795079287123456);
INSERT INTO "user_days" VALUES(4814462654261809296,8,20727,1,1790845267123456,1790845267123456);
INSERT INTO "user_days" VALUES(4814462654261809296,8,20728,1,1790931847123456,1790931847123456);
INSERT INTO "user_days" VALUES(4814462654261809296,10,20776,1,1795079227123456,1795079227123456);
INSERT INTO "user_days" VALUES(4814462654261809296,11,20779,1,1795338607123456,1795338607123456);
INSERT INTO "user_days" VALUES(4814462654261809296,12,0,1,1000000,1000000);
INSERT INTO "user_days" VALUES(7627744920348735416,8,20727,1,1790845327123456,1790845327123456);
INSERT INTO "user_days" VALUES(7627744920348735416,8,20728,1,1790931907123456,1790931907123456);
INSERT INTO "user_days" VALUES(7627744920348735416,11,20779,1,1795338727123456,1795338727123456);
INSERT INTO "user_days" VALUES(8620372644912582709,7,20727,1,1790841600000000,1790841600000000);
INSERT INTO "user_days" VALUES(8620372644912582709,13,20779,1,1795334400000000,1795334400000000);
CREATE TABLE user_facts (
	file BIGINT NOT NULL, 
	who BIGINT NOT NULL, 
	habits BLOB NOT NULL, 
	takings BLOB NOT NULL, 
	PRIMARY KEY (file, who)
);
INSERT INTO "user_facts" VALUES(8,7627744920348735416,X'00000000015F00000300000001000000015F00000300000002000000015F00000300000003000000015F000003000000',X'');
INSERT INTO "user_facts" VALUES(8,4814462654261809296,X'00000000015F00000300000001000000015F00000300000002000000015F00000300000003000000015F000003000000',X'');
INSERT INTO "user_facts" VALUES(10,-149108013456861218,X'00000000025F00000000040001000000025F00000000040002000000025F00000000040003000000025F000000000400',X'');
INSERT INTO "user_facts" VALUES(10,4814462654261809296,X'00000000025F00000000040001000000025F00000000040002000000025F00000000040003000000025F000000000400',X'');
CREATE TABLE user_names (
	who BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	folded BIGINT NOT NULL, 
	PRIMARY KEY (who)
);
INSERT INTO "user_names" VALUES(7627744920348735416,'dora',7627744920348735416);
INSERT INTO "user_names" VALUES(4814462654261809296,'srhea',4814462654261809296);
INSERT INTO "user_names" VALUES(8620372644912582709,'srhea@widgetcorp.example',8620372644912582709);
INSERT INTO "user_names" VALUES(-149108013456861218,'ada',-149108013456861218);
CREATE INDEX marks_by_dataset_and_sequence ON marks (dataset, sequence);
CREATE INDEX people_by_file ON people (file);
CREATE INDEX removals_by_due_at ON removals (due_at);
CREATE INDEX user_days_by_file ON user_days (file);
CREATE INDEX user_names_by_folded ON user_names (folded);
CREATE INDEX batches_by_state_and_dataset ON batches (state, dataset, received_at);
CREATE INDEX batches_by_loaded_sequence ON batches (loaded_sequence);
CREATE INDEX batches_surplus ON batches (sent_as) WHERE sent_as IS NOT NULL;
CREATE INDEX batches_by_raw_path ON batches (raw_path);
CREATE INDEX batches_by_batch_id ON batches (batch_id);
CREATE INDEX batches_begun ON batches (begun_by, received_at) WHERE begun_by IS NOT NULL;
CREATE INDEX batches_by_raw_retired_sequence ON batches (raw_retired_sequence, received_at);
CREATE INDEX batches_recovered ON batches (batch_id) WHERE recovered = 1;
CREATE INDEX batches_by_state ON batches (state, sequence);
CREATE INDEX canaries_by_sent_at ON canaries (sent_at);
CREATE INDEX coverage_by_dataset_and_hour ON coverage (dataset, hour);
CREATE INDEX files_by_retired_sequence ON files (retired_sequence);
CREATE INDEX files_by_users_number ON files (users_number);
CREATE INDEX files_by_dataset_and_day ON files (dataset, day);
CREATE INDEX files_by_added_sequence ON files (added_sequence);
COMMIT;
