BEGIN TRANSACTION;
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
	PRIMARY KEY (sequence), 
	UNIQUE (dataset, content), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(loaded_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(raw_retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "batches" VALUES(1,'aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661','http_requests','blake3:2882712eb1a97e61934d84e4138c13e258ff9cee7c5d09e11a9a2eb75ae91b8d',279,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661.gz','loaded',NULL,1,3,0,0,4,'ndjson','python',0,0,0,0,0,NULL,NULL,12,0,0);
INSERT INTO "batches" VALUES(2,'736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f','http_requests','blake3:6f92fc319681ed22856c0de66ca9f18e592a4a4dd1c7211a0367c55e6e176c8f',280,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f.gz','loaded',NULL,1,3,0,0,4,'ndjson','python',0,0,0,0,0,NULL,NULL,12,0,0);
INSERT INTO "batches" VALUES(3,'40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba','access_requests','blake3:2f33a129e47db04f53a71e29a3586d9bef5821aaab523a499730381a1264a305',252,334,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba.gz','loaded',NULL,1,1,0,0,5,'ndjson','python',0,0,0,0,0,NULL,NULL,11,0,0);
INSERT INTO "batches" VALUES(13,'de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe','http_requests','blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b',261,706,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz','loaded',NULL,1,2,0,0,15,'ndjson','python',0,0,0,0,0,NULL,NULL,NULL,0,0);
INSERT INTO "batches" VALUES(14,'0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993','http_requests','blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25',279,1036,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz','loaded',NULL,1,3,0,0,15,'ndjson','python',0,0,0,0,0,NULL,NULL,NULL,0,0);
INSERT INTO "batches" VALUES(17,'c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d','http_requests','blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129',275,718,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz','loaded',NULL,1,2,1,0,20,'ndjson','python',0,0,2,0,0,NULL,'{"unknown":{"Unheard":2}}',NULL,0,0);
INSERT INTO "batches" VALUES(18,'0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940','http_requests','blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba',265,659,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz','loaded',NULL,1,2,0,0,20,'ndjson','python',1,0,0,0,0,NULL,'{"misfit":{"EdgeResponseStatus":1}}',NULL,0,0);
INSERT INTO "batches" VALUES(19,'6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20','access_requests','blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75',257,344,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz','loaded',NULL,1,1,0,0,21,'ndjson','python',0,0,0,0,0,NULL,NULL,NULL,0,0);
CREATE TABLE canaries (
	id VARCHAR(32) NOT NULL, 
	sent_at VARCHAR(27) NOT NULL, 
	status INTEGER, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE counts (
	dataset VARCHAR(64) NOT NULL, 
	measure VARCHAR(20) NOT NULL, 
	label VARCHAR(64) NOT NULL, 
	amount BIGINT NOT NULL, 
	PRIMARY KEY (dataset, measure, label)
);
INSERT INTO "counts" VALUES('http_requests','batches','',6);
INSERT INTO "counts" VALUES('http_requests','body_bytes','',1639);
INSERT INTO "counts" VALUES('http_requests','inflated_bytes','',5193);
INSERT INTO "counts" VALUES('access_requests','batches','',2);
INSERT INTO "counts" VALUES('access_requests','body_bytes','',509);
INSERT INTO "counts" VALUES('access_requests','inflated_bytes','',678);
INSERT INTO "counts" VALUES('http_requests','files','',6);
INSERT INTO "counts" VALUES('http_requests','live_rows','',13);
INSERT INTO "counts" VALUES('http_requests','parquet_bytes','',152030);
INSERT INTO "counts" VALUES('http_requests','decoded_rows','python',15);
INSERT INTO "counts" VALUES('http_requests','rows','',15);
INSERT INTO "counts" VALUES('http_requests','shape','ndjson',6);
INSERT INTO "counts" VALUES('access_requests','files','',2);
INSERT INTO "counts" VALUES('access_requests','live_rows','',2);
INSERT INTO "counts" VALUES('access_requests','parquet_bytes','',8264);
INSERT INTO "counts" VALUES('access_requests','decoded_rows','python',2);
INSERT INTO "counts" VALUES('access_requests','rows','',2);
INSERT INTO "counts" VALUES('access_requests','shape','ndjson',2);
INSERT INTO "counts" VALUES('http_requests','folded_rows','',2);
INSERT INTO "counts" VALUES('rejected','files','',1);
INSERT INTO "counts" VALUES('rejected','live_rows','',1);
INSERT INTO "counts" VALUES('rejected','parquet_bytes','',1086);
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
INSERT INTO "entries" VALUES(4,'loaded','2026-10-02T10:00:00.000000Z','d0aa80c9d2ef20441694dfdea5f6f64f53758d6c4bf91e3b3afe562f60fe572b','{"batches":[{"batch":1,"batch_id":"aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661","blank_lines":0,"lines":3,"rejected_lines":0,"rows":3},{"batch":2,"batch_id":"736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f","blank_lines":0,"lines":3,"rejected_lines":0,"rows":3}],"files":[{"bytes":25327,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21.parquet","rows":3,"sha256":"af294b3911d5b53faa001f39657dd6dbfe3a75976e9896c2bd3e878ed7fe2537","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":25327,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21.parquet","rows":3,"sha256":"569c60dfaa407e57414e8a71d394ba8a492472c5cb4587bceabcc56e7ddc91a7","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"}]}','bc7a4cda66ee43de6e65bc6e1dba2756abaf754bfd184da5754dec21a930587f');
INSERT INTO "entries" VALUES(5,'loaded','2026-10-02T10:00:00.000000Z','bc7a4cda66ee43de6e65bc6e1dba2756abaf754bfd184da5754dec21a930587f','{"batches":[{"batch":3,"batch_id":"40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba","blank_lines":0,"lines":1,"rejected_lines":0,"rows":1}],"files":[{"bytes":3984,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77.parquet","rows":1,"sha256":"2d2a2b6cb29e138f792bf1f583e37afd774403bc8e8893045a346611a4b9b88c","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}]}','8fc6a22f1eef7e815a3a26dcc685a39efac897cfa211c7cf9c925b884840acf1');
INSERT INTO "entries" VALUES(6,'compacted','2026-11-20T10:00:00.000000Z','8fc6a22f1eef7e815a3a26dcc685a39efac897cfa211c7cf9c925b884840acf1','{"dataset":"access_requests","files":[{"bytes":4280,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/sorted-day-337fe254a8a2b388-000.parquet","rows":1,"sha256":"d91e8c23827dbfbf26a0bbae64f40c2cacbc6c449c01ec908e68f8f80d6e66ee","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10-01","retired":["parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77.parquet"],"rows_after":1,"rows_before":1,"tier":"day"}','8ae65676cd82265b55a1a26fdc46dc8b7dd21a3f37a5677f1513c0255f3963c9');
INSERT INTO "entries" VALUES(7,'compacted','2026-11-20T10:00:00.000000Z','8ae65676cd82265b55a1a26fdc46dc8b7dd21a3f37a5677f1513c0255f3963c9','{"dataset":"http_requests","files":[{"bytes":25524,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-f5129e75b59c3018-000.parquet","rows":2,"sha256":"94bf454cf31285c108d7ef47a0e15e358891ca50fe9da1dd0d448b351675cc2e","time_max":"2026-10-01T09:02:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":25204,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-f5129e75b59c3018-001.parquet","rows":1,"sha256":"3aee0541ecba348480c8b72f28f5eee9bd97106b92f6b9cd094e302497140768","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10-01","retired":["parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','cb3773592c92aa818afea6121206a708aa049eca2001af048be8706301157b05');
INSERT INTO "entries" VALUES(8,'compacted','2026-11-20T10:00:00.000000Z','cb3773592c92aa818afea6121206a708aa049eca2001af048be8706301157b05','{"dataset":"http_requests","files":[{"bytes":25522,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-281909bdcf75becd-000.parquet","rows":2,"sha256":"c7680060fca0fc7ffcc2fbeff307c1ac7f5937586001be13cffea4b185e66554","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"},{"bytes":25203,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-281909bdcf75becd-001.parquet","rows":1,"sha256":"1154ae8f285683009bf769f145f8fc247e2629535852f191cbb641df2749b336","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:06:07.123456Z"}],"folded":0,"label":"2026-10-02","retired":["parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','87229da417efc947cc87144dd8121cd7be2693ab57d3feb75e2901897b098431');
INSERT INTO "entries" VALUES(9,'compacted','2026-11-20T10:00:00.000000Z','87229da417efc947cc87144dd8121cd7be2693ab57d3feb75e2901897b098431','{"dataset":"access_requests","files":[{"bytes":4280,"dataset":"access_requests","day":"2026-10","path":"parts/access_requests/month=2026-10/sorted-month-551d8abd2ed2f4b4-000.parquet","rows":1,"sha256":"d91e8c23827dbfbf26a0bbae64f40c2cacbc6c449c01ec908e68f8f80d6e66ee","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10","retired":["parts/access_requests/date=2026-10-01/sorted-day-337fe254a8a2b388-000.parquet"],"rows_after":1,"rows_before":1,"tier":"month"}','a4abcce81f04baf99dc3f198004816ecd9ed09a9cdea919eb329a81344891070');
INSERT INTO "entries" VALUES(10,'compacted','2026-11-20T10:00:00.000000Z','a4abcce81f04baf99dc3f198004816ecd9ed09a9cdea919eb329a81344891070','{"dataset":"http_requests","files":[{"bytes":25733,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-0893f96255734822-000.parquet","rows":4,"sha256":"6b8716f2cb9527773c2c0eeb086bf0b8554af79bcc663972ea201a4a112d4360","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":25496,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-0893f96255734822-001.parquet","rows":2,"sha256":"d82ef12e67a92e2b6d50e7d716dd2b54dfc4c09e4bbe8053ee979c0d6366266d","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10","retired":["parts/http_requests/date=2026-10-01/sorted-day-f5129e75b59c3018-000.parquet","parts/http_requests/date=2026-10-01/sorted-day-f5129e75b59c3018-001.parquet","parts/http_requests/date=2026-10-02/sorted-day-281909bdcf75becd-000.parquet","parts/http_requests/date=2026-10-02/sorted-day-281909bdcf75becd-001.parquet"],"rows_after":6,"rows_before":6,"tier":"month"}','2f4b629f260e3aee2297d5e35749b5583091d125b51d85119fdb115a03768b83');
INSERT INTO "entries" VALUES(11,'retired','2026-11-20T10:00:00.000000Z','2f4b629f260e3aee2297d5e35749b5583091d125b51d85119fdb115a03768b83','{"dataset":"access_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[3],"raw_bytes":252,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0}','774b6b657c5e2f54797dd5e98334f21cd819fed7e1fea7d9831a0cd881bf914b');
INSERT INTO "entries" VALUES(12,'retired','2026-11-20T10:00:00.000000Z','774b6b657c5e2f54797dd5e98334f21cd819fed7e1fea7d9831a0cd881bf914b','{"dataset":"http_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[1,2],"raw_bytes":559,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0}','7062da0d60fe38b9bd4b8f9ebaaddb0d737100eaef6fdfbe08c0a74e3ef945db');
INSERT INTO "entries" VALUES(13,'batch','2026-11-20T10:00:00.000000Z','7062da0d60fe38b9bd4b8f9ebaaddb0d737100eaef6fdfbe08c0a74e3ef945db','{"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","body_bytes":261,"content":"blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b","dataset":"http_requests","inflated_bytes":706,"raw_path":"raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','afe7419b5cf1cf11bf4f933aeaf7a049913d472be036d38e0ed9f1fa07f4b249');
INSERT INTO "entries" VALUES(14,'batch','2026-11-20T10:00:00.000000Z','afe7419b5cf1cf11bf4f933aeaf7a049913d472be036d38e0ed9f1fa07f4b249','{"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","body_bytes":279,"content":"blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25","dataset":"http_requests","inflated_bytes":1036,"raw_path":"raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','18c916f51fac13ecb10a97713a63103e461be390d7a18bd609d8c8be668ec986');
INSERT INTO "entries" VALUES(15,'loaded','2026-11-20T10:00:00.000000Z','18c916f51fac13ecb10a97713a63103e461be390d7a18bd609d8c8be668ec986','{"batches":[{"batch":13,"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","blank_lines":0,"lines":2,"rejected_lines":0,"rows":2},{"batch":14,"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","blank_lines":0,"lines":3,"rejected_lines":0,"rows":3}],"files":[{"bytes":25412,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/000000000013-de01ef7c37181d03.parquet","rows":5,"sha256":"de6c9b12217295d7b6cb32bb0634e4290a938c73461865d83e821f0b803c8b21","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"}]}','941633b35c67df69a68b025501f96ecaa9839e1640a9e45f57afe9027e72ed0c');
INSERT INTO "entries" VALUES(16,'compacted','2026-11-20T10:00:00.000000Z','941633b35c67df69a68b025501f96ecaa9839e1640a9e45f57afe9027e72ed0c','{"dataset":"http_requests","files":[{"bytes":25550,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-9efddc895427d4ab-000.parquet","rows":2,"sha256":"5dc77cffbb9ecdf770c4a9d97a160ad884052887189927d7ae73bbeba53df33d","time_max":"2026-11-19T09:08:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"},{"bytes":25201,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-9efddc895427d4ab-001.parquet","rows":1,"sha256":"3c3f5e55242aba2f05eff3f10a9adefb56b5c84e28ac338d9e50f3c19bcd2031","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:09:07.123456Z"}],"folded":2,"label":"2026-11-19","retired":["parts/http_requests/date=2026-11-19/000000000013-de01ef7c37181d03.parquet"],"rows_after":3,"rows_before":5,"tier":"day"}','50ecf8a2d9025389d69b6bcbbb44d9d0da00b62d99cc0d2303ea9dc09dd8bb6c');
INSERT INTO "entries" VALUES(17,'batch','2026-11-22T10:00:00.000000Z','50ecf8a2d9025389d69b6bcbbb44d9d0da00b62d99cc0d2303ea9dc09dd8bb6c','{"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","body_bytes":275,"content":"blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129","dataset":"http_requests","inflated_bytes":718,"raw_path":"raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','c07792dae3dbc9ef1a09c753f74edf3f8af1842a0cfb68e83f422952090be615');
INSERT INTO "entries" VALUES(18,'batch','2026-11-22T10:00:00.000000Z','c07792dae3dbc9ef1a09c753f74edf3f8af1842a0cfb68e83f422952090be615','{"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","body_bytes":265,"content":"blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba","dataset":"http_requests","inflated_bytes":659,"raw_path":"raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','1afb3c0fc42ea2e0b8c54fbd58893f285f26d3c17abad3a60d80319360b97da2');
INSERT INTO "entries" VALUES(19,'batch','2026-11-22T10:00:00.000000Z','1afb3c0fc42ea2e0b8c54fbd58893f285f26d3c17abad3a60d80319360b97da2','{"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","body_bytes":257,"content":"blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75","dataset":"access_requests","inflated_bytes":344,"raw_path":"raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','739d25edadf10cc299945bd30f2cfa0c1dd7bb836c37f676c26f546953aa40c1');
INSERT INTO "entries" VALUES(20,'loaded','2026-11-22T10:00:00.000000Z','739d25edadf10cc299945bd30f2cfa0c1dd7bb836c37f676c26f546953aa40c1','{"batches":[{"batch":17,"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","blank_lines":0,"lines":3,"rejected_lines":1,"rows":2},{"batch":18,"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","blank_lines":0,"lines":2,"rejected_lines":0,"rows":2}],"files":[{"bytes":25225,"dataset":"http_requests","day":"2026-11-22","path":"parts/http_requests/date=2026-11-22/000000000017-c406e2661688df8a.parquet","rows":3,"sha256":"e992a1c3096859dff1c8bb34a2b58071e020eccf376abfe87fcb74d94a40c861","time_max":"2026-11-22T09:12:07.123456Z","time_min":"2026-11-22T09:10:07.123456Z"},{"bytes":1086,"dataset":"rejected","day":"2026-11-22","path":"parts/rejected/date=2026-11-22/000000000017-c406e2661688df8a.parquet","rows":1,"sha256":"ad776f693a72c462c611b24e080cd1d797e5bed789007c6865deb03d9d5a0112","time_max":null,"time_min":null},{"bytes":24825,"dataset":"http_requests","day":"__other__","path":"parts/http_requests/date=__other__/000000000017-c406e2661688df8a.parquet","rows":1,"sha256":"865846b0c2238834672912ffe2e14e3653d8dc3922bc69cbfb6321e7a218f3ae","time_max":"1970-01-01T00:00:01.000000Z","time_min":"1970-01-01T00:00:01.000000Z"}]}','21f2f43967441b895dee8ee5b081564359fcd980dea0e26f996ece7a7ff4f5f8');
INSERT INTO "entries" VALUES(21,'loaded','2026-11-22T10:00:00.000000Z','21f2f43967441b895dee8ee5b081564359fcd980dea0e26f996ece7a7ff4f5f8','{"batches":[{"batch":19,"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","blank_lines":0,"lines":1,"rejected_lines":0,"rows":1}],"files":[{"bytes":3984,"dataset":"access_requests","day":"2026-11-22","path":"parts/access_requests/date=2026-11-22/000000000019-6ab273a68130001f.parquet","rows":1,"sha256":"c6163c5fbabacea6791c88be169c3d9f5cf697a212b2c2fb03e6f9d6634eacfc","time_max":"2026-11-22T08:00:00.000000Z","time_min":"2026-11-22T08:00:00.000000Z"}]}','f916829f5b17b1d2b3385c428e3c26f9056a610092e5f01f76d4115542cf565f');
CREATE TABLE fields (
	dataset VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	field VARCHAR(100) NOT NULL, 
	times BIGINT NOT NULL, 
	first_batch BIGINT NOT NULL, 
	PRIMARY KEY (dataset, kind, field)
);
INSERT INTO "fields" VALUES('http_requests','unknown','Unheard',2,17);
INSERT INTO "fields" VALUES('http_requests','misfit','EdgeResponseStatus',1,18);
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
	tier VARCHAR(8), 
	folded BIGINT DEFAULT '0' NOT NULL, 
	number BIGINT, 
	PRIMARY KEY (path), 
	FOREIGN KEY(added_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "files" VALUES('parts/access_requests/month=2026-10/sorted-month-551d8abd2ed2f4b4-000.parquet','access_requests','2026-10','d91e8c23827dbfbf26a0bbae64f40c2cacbc6c449c01ec908e68f8f80d6e66ee',4280,1,'2026-10-01T08:00:00.000000Z','2026-10-01T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',9,NULL,'17b577a603861b24','month',0,589824);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-0893f96255734822-000.parquet','http_requests','2026-10','6b8716f2cb9527773c2c0eeb086bf0b8554af79bcc663972ea201a4a112d4360',25733,4,'2026-10-01T09:01:07.123456Z','2026-10-02T09:05:07.123456Z','dora','srhea',10,NULL,'a86aab48ff7154e8','month',0,655360);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-0893f96255734822-001.parquet','http_requests','2026-10','d82ef12e67a92e2b6d50e7d716dd2b54dfc4c09e4bbe8053ee979c0d6366266d',25496,2,'2026-10-01T09:03:07.123456Z','2026-10-02T09:06:07.123456Z',NULL,NULL,10,NULL,'a86aab48ff7154e8','month',0,655361);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-9efddc895427d4ab-000.parquet','http_requests','2026-11-19','5dc77cffbb9ecdf770c4a9d97a160ad884052887189927d7ae73bbeba53df33d',25550,2,'2026-11-19T09:07:07.123456Z','2026-11-19T09:08:07.123456Z','ada','srhea',16,NULL,'a86aab48ff7154e8','day',2,1048576);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-9efddc895427d4ab-001.parquet','http_requests','2026-11-19','3c3f5e55242aba2f05eff3f10a9adefb56b5c84e28ac338d9e50f3c19bcd2031',25201,1,'2026-11-19T09:09:07.123456Z','2026-11-19T09:09:07.123456Z',NULL,NULL,16,NULL,'a86aab48ff7154e8','day',0,1048577);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-22/000000000017-c406e2661688df8a.parquet','http_requests','2026-11-22','e992a1c3096859dff1c8bb34a2b58071e020eccf376abfe87fcb74d94a40c861',25225,3,'2026-11-22T09:10:07.123456Z','2026-11-22T09:12:07.123456Z','dora','srhea',20,NULL,'453929b3b88485d5','part',0,NULL);
INSERT INTO "files" VALUES('parts/rejected/date=2026-11-22/000000000017-c406e2661688df8a.parquet','rejected','2026-11-22','ad776f693a72c462c611b24e080cd1d797e5bed789007c6865deb03d9d5a0112',1086,1,NULL,NULL,NULL,NULL,20,NULL,'029a74c7a9a78598','part',0,NULL);
INSERT INTO "files" VALUES('parts/http_requests/date=__other__/000000000017-c406e2661688df8a.parquet','http_requests','__other__','865846b0c2238834672912ffe2e14e3653d8dc3922bc69cbfb6321e7a218f3ae',24825,1,'1970-01-01T00:00:01.000000Z','1970-01-01T00:00:01.000000Z','srhea','srhea',20,NULL,'453929b3b88485d5','part',0,NULL);
INSERT INTO "files" VALUES('parts/access_requests/date=2026-11-22/000000000019-6ab273a68130001f.parquet','access_requests','2026-11-22','c6163c5fbabacea6791c88be169c3d9f5cf697a212b2c2fb03e6f9d6634eacfc',3984,1,'2026-11-22T08:00:00.000000Z','2026-11-22T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',21,NULL,'fefefd0363ddbb38','part',0,NULL);
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
	PRIMARY KEY (id), 
	FOREIGN KEY(placed_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(released_sequence) REFERENCES entries (sequence)
);
CREATE TABLE imports (
	uri VARCHAR(1024) NOT NULL, 
	asked VARCHAR(64) NOT NULL, 
	bytes BIGINT NOT NULL, 
	modified VARCHAR(40) NOT NULL, 
	imported_at VARCHAR(27) NOT NULL, 
	batches TEXT NOT NULL, 
	PRIMARY KEY (uri, asked)
);
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
INSERT INTO "people" VALUES(-149108013456861218,1048576);
INSERT INTO "people" VALUES(4814462654261809296,1048576);
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
	PRIMARY KEY (path)
);
CREATE INDEX people_by_file ON people (file);
CREATE INDEX marks_by_dataset_and_sequence ON marks (dataset, sequence);
CREATE INDEX removals_by_due_at ON removals (due_at);
CREATE INDEX batches_by_raw_path ON batches (raw_path);
CREATE INDEX batches_by_state_and_dataset ON batches (state, dataset, received_at);
CREATE INDEX batches_by_batch_id ON batches (batch_id);
CREATE INDEX batches_by_raw_retired_sequence ON batches (raw_retired_sequence, received_at);
CREATE INDEX batches_by_state ON batches (state, sequence);
CREATE INDEX batches_by_loaded_sequence ON batches (loaded_sequence);
CREATE INDEX files_by_retired_sequence ON files (retired_sequence);
CREATE INDEX files_by_dataset_and_day ON files (dataset, day);
CREATE INDEX files_by_added_sequence ON files (added_sequence);
CREATE INDEX coverage_by_dataset_and_hour ON coverage (dataset, hour);
CREATE INDEX canaries_by_sent_at ON canaries (sent_at);
COMMIT;
