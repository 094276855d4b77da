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
INSERT INTO "batches" VALUES(1,'aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661','http_requests','blake3:2882712eb1a97e61934d84e4138c13e258ff9cee7c5d09e11a9a2eb75ae91b8d',279,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661.gz','loaded',NULL,1,3,0,0,4,'ndjson','native',0,0,0,0,0,NULL,NULL,12,0,0);
INSERT INTO "batches" VALUES(2,'736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f','http_requests','blake3:6f92fc319681ed22856c0de66ca9f18e592a4a4dd1c7211a0367c55e6e176c8f',280,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f.gz','loaded',NULL,1,3,0,0,4,'ndjson','native',0,0,0,0,0,NULL,NULL,12,0,0);
INSERT INTO "batches" VALUES(3,'40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba','access_requests','blake3:2f33a129e47db04f53a71e29a3586d9bef5821aaab523a499730381a1264a305',252,334,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba.gz','loaded',NULL,1,1,0,0,5,'ndjson','native',0,0,0,0,0,NULL,NULL,11,0,0);
INSERT INTO "batches" VALUES(13,'de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe','http_requests','blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b',261,706,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz','loaded',NULL,1,2,0,0,15,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0);
INSERT INTO "batches" VALUES(14,'0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993','http_requests','blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25',279,1036,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz','loaded',NULL,1,3,0,0,15,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0);
INSERT INTO "batches" VALUES(17,'c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d','http_requests','blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129',275,718,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz','loaded',NULL,1,2,1,0,20,'ndjson','native',0,0,2,0,0,NULL,'{"unknown":{"Unheard":2}}',NULL,0,0);
INSERT INTO "batches" VALUES(18,'0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940','http_requests','blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba',265,659,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz','loaded',NULL,1,2,0,0,20,'ndjson','native',1,0,0,0,0,NULL,'{"misfit":{"EdgeResponseStatus":1}}',NULL,0,0);
INSERT INTO "batches" VALUES(19,'6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20','access_requests','blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75',257,344,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz','loaded',NULL,1,1,0,0,21,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0);
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
INSERT INTO "counts" VALUES('http_requests','parquet_bytes','',153105);
INSERT INTO "counts" VALUES('http_requests','decoded_rows','native',15);
INSERT INTO "counts" VALUES('http_requests','rows','',15);
INSERT INTO "counts" VALUES('http_requests','shape','ndjson',6);
INSERT INTO "counts" VALUES('access_requests','files','',2);
INSERT INTO "counts" VALUES('access_requests','live_rows','',2);
INSERT INTO "counts" VALUES('access_requests','parquet_bytes','',9249);
INSERT INTO "counts" VALUES('access_requests','decoded_rows','native',2);
INSERT INTO "counts" VALUES('access_requests','rows','',2);
INSERT INTO "counts" VALUES('access_requests','shape','ndjson',2);
INSERT INTO "counts" VALUES('http_requests','folded_rows','',2);
INSERT INTO "counts" VALUES('rejected','files','',1);
INSERT INTO "counts" VALUES('rejected','live_rows','',1);
INSERT INTO "counts" VALUES('rejected','parquet_bytes','',1288);
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
INSERT INTO "entries" VALUES(4,'loaded','2026-10-02T10:00:00.000000Z','d0aa80c9d2ef20441694dfdea5f6f64f53758d6c4bf91e3b3afe562f60fe572b','{"batches":[{"batch":1,"batch_id":"aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661","blank_lines":0,"lines":3,"rejected_lines":0,"rows":3},{"batch":2,"batch_id":"736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f","blank_lines":0,"lines":3,"rejected_lines":0,"rows":3}],"files":[{"bytes":23911,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21.parquet","rows":3,"sha256":"f67e842348f81190efd4216eab7dd69b95c561d6c40e4760eef3347e803e3b3a","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":23911,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21.parquet","rows":3,"sha256":"cb3cd5f3f3183cdeed3151294d1013c40c5ea30c3fa552bdf5985c81af399566","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"}]}','ae99f1191c5112f673b1c93b65d95d418c510e0a98bc9c240fcbe28e71da42a5');
INSERT INTO "entries" VALUES(5,'loaded','2026-10-02T10:00:00.000000Z','ae99f1191c5112f673b1c93b65d95d418c510e0a98bc9c240fcbe28e71da42a5','{"batches":[{"batch":3,"batch_id":"40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba","blank_lines":0,"lines":1,"rejected_lines":0,"rows":1}],"files":[{"bytes":4633,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77.parquet","rows":1,"sha256":"6826ada6cdaaaaf50fe51e8f2b143f2841cf83a81046e86f4db12ffe41dd249f","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}]}','2621dd8e1a75768542ff72cb26c30ab1bfb03ca9faa0ef2e1665802449fb8155');
INSERT INTO "entries" VALUES(6,'compacted','2026-11-20T10:00:00.000000Z','2621dd8e1a75768542ff72cb26c30ab1bfb03ca9faa0ef2e1665802449fb8155','{"dataset":"access_requests","files":[{"bytes":4615,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/sorted-day-67d424ef36afc99c-000.parquet","rows":1,"sha256":"378f908a6caecf412d2e2107f6ef003eea7f966a429108528e02bfbf541c638b","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10-01","retired":["parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77.parquet"],"rows_after":1,"rows_before":1,"tier":"day"}','bd68acc510feb96190922f12e5eaed9e0f4d453c032cfdd127497cca2871b5ec');
INSERT INTO "entries" VALUES(7,'compacted','2026-11-20T10:00:00.000000Z','bd68acc510feb96190922f12e5eaed9e0f4d453c032cfdd127497cca2871b5ec','{"dataset":"http_requests","files":[{"bytes":26289,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-9dbd6a54c9071aae-000.parquet","rows":2,"sha256":"8186a668a0940acd491df61e24967f05fd27e6841d668b01e8952597cfbd6e65","time_max":"2026-10-01T09:02:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":25969,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-9dbd6a54c9071aae-001.parquet","rows":1,"sha256":"30606701c2ceadfa6ebde31b1c255d5c3f0919c9d6e38adb285876ff97fec117","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10-01","retired":["parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','a49d2dc925d1746476e1812b0ee77fda91fba314975e508f46f21b94395591ed');
INSERT INTO "entries" VALUES(8,'compacted','2026-11-20T10:00:00.000000Z','a49d2dc925d1746476e1812b0ee77fda91fba314975e508f46f21b94395591ed','{"dataset":"http_requests","files":[{"bytes":26287,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-723ec4e195725d62-000.parquet","rows":2,"sha256":"f94c539007504c78cab718bea788cd069d5d1fb841145a3c18744993cebb620d","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"},{"bytes":25968,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-723ec4e195725d62-001.parquet","rows":1,"sha256":"657a87a9c86b7550e38e2c6de3ca433db74191939c36cf35dd58bb2bc4103a46","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:06:07.123456Z"}],"folded":0,"label":"2026-10-02","retired":["parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','c45b10a7b50ff16c6e466211b4eaae3b2465ab30860bfed5ab3fea0cc4ac006f');
INSERT INTO "entries" VALUES(9,'compacted','2026-11-20T10:00:00.000000Z','c45b10a7b50ff16c6e466211b4eaae3b2465ab30860bfed5ab3fea0cc4ac006f','{"dataset":"access_requests","files":[{"bytes":4614,"dataset":"access_requests","day":"2026-10","path":"parts/access_requests/month=2026-10/sorted-month-110160f5e3cc6da0-000.parquet","rows":1,"sha256":"8787e9d102a57363b0b5b45b628e8edc19487f01e4400db45bb4b5c0a57a6381","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10","retired":["parts/access_requests/date=2026-10-01/sorted-day-67d424ef36afc99c-000.parquet"],"rows_after":1,"rows_before":1,"tier":"month"}','d7f2fa2d115b609758abbbff91ba2883bbd4310b78df372e5508bd06cc8de675');
INSERT INTO "entries" VALUES(10,'compacted','2026-11-20T10:00:00.000000Z','d7f2fa2d115b609758abbbff91ba2883bbd4310b78df372e5508bd06cc8de675','{"dataset":"http_requests","files":[{"bytes":26732,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-3a99485c01415d7d-000.parquet","rows":4,"sha256":"d632a2d1eb2356d3de298d15277d17cd362c9f61a42a63e56950b573b197e6e9","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":26495,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-3a99485c01415d7d-001.parquet","rows":2,"sha256":"eb8efc74ae52be5e4d5a96c8d97ed6b541541a7527336385c2f2609646a3813f","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10","retired":["parts/http_requests/date=2026-10-01/sorted-day-9dbd6a54c9071aae-000.parquet","parts/http_requests/date=2026-10-01/sorted-day-9dbd6a54c9071aae-001.parquet","parts/http_requests/date=2026-10-02/sorted-day-723ec4e195725d62-000.parquet","parts/http_requests/date=2026-10-02/sorted-day-723ec4e195725d62-001.parquet"],"rows_after":6,"rows_before":6,"tier":"month"}','787f94da5521911104f5a93b09a9968d7d6fbabdf9316b085906bd53d7d5d762');
INSERT INTO "entries" VALUES(11,'retired','2026-11-20T10:00:00.000000Z','787f94da5521911104f5a93b09a9968d7d6fbabdf9316b085906bd53d7d5d762','{"dataset":"access_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[3],"raw_bytes":252,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0}','c81774327b37071f60bc9f7adbd592ab83c78f26905d30f4aed504d95c297721');
INSERT INTO "entries" VALUES(12,'retired','2026-11-20T10:00:00.000000Z','c81774327b37071f60bc9f7adbd592ab83c78f26905d30f4aed504d95c297721','{"dataset":"http_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[1,2],"raw_bytes":559,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0}','65872043530dc3c62313e4be15afe534039f1073db73e09774784f989aed1b96');
INSERT INTO "entries" VALUES(13,'batch','2026-11-20T10:00:00.000000Z','65872043530dc3c62313e4be15afe534039f1073db73e09774784f989aed1b96','{"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","body_bytes":261,"content":"blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b","dataset":"http_requests","inflated_bytes":706,"raw_path":"raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','b6e582108828e22db6d0e83bc7fab602f3a10f8f50dcaa4e36fcb4e26f0def6d');
INSERT INTO "entries" VALUES(14,'batch','2026-11-20T10:00:00.000000Z','b6e582108828e22db6d0e83bc7fab602f3a10f8f50dcaa4e36fcb4e26f0def6d','{"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","body_bytes":279,"content":"blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25","dataset":"http_requests","inflated_bytes":1036,"raw_path":"raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','b3eb5664a921d04ae72d045d1cd04dc1671868787b38b766e27fa0c3f87a0d8e');
INSERT INTO "entries" VALUES(15,'loaded','2026-11-20T10:00:00.000000Z','b3eb5664a921d04ae72d045d1cd04dc1671868787b38b766e27fa0c3f87a0d8e','{"batches":[{"batch":13,"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","blank_lines":0,"lines":2,"rejected_lines":0,"rows":2},{"batch":14,"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","blank_lines":0,"lines":3,"rejected_lines":0,"rows":3}],"files":[{"bytes":23968,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/000000000013-de01ef7c37181d03.parquet","rows":5,"sha256":"dceed44a479d3086e9589a1bf35f780c6ca6dc1f3b33ef25ce6943c25525b94e","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"}]}','546564980f20482958ff63a9ad1ec9d292a14dbc59ab6380c7b15158f53baf89');
INSERT INTO "entries" VALUES(16,'compacted','2026-11-20T10:00:00.000000Z','546564980f20482958ff63a9ad1ec9d292a14dbc59ab6380c7b15158f53baf89','{"dataset":"http_requests","files":[{"bytes":26316,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-7bfd672678e180a4-000.parquet","rows":2,"sha256":"1de4cf5489511424db5c682d10e03e75dc0cfd0ab61679e39ed106e503bdcf9c","time_max":"2026-11-19T09:08:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"},{"bytes":25967,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-7bfd672678e180a4-001.parquet","rows":1,"sha256":"742ce38625aacd062225626d6080965c78c7e9e5880e93c6a1ff960e899f640a","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:09:07.123456Z"}],"folded":2,"label":"2026-11-19","retired":["parts/http_requests/date=2026-11-19/000000000013-de01ef7c37181d03.parquet"],"rows_after":3,"rows_before":5,"tier":"day"}','07ac0a2cbf5ea59a06dc680fefee956b6067b186649e1c5f9c01ec161cf2a3a3');
INSERT INTO "entries" VALUES(17,'batch','2026-11-22T10:00:00.000000Z','07ac0a2cbf5ea59a06dc680fefee956b6067b186649e1c5f9c01ec161cf2a3a3','{"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","body_bytes":275,"content":"blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129","dataset":"http_requests","inflated_bytes":718,"raw_path":"raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','a54c4eadc3658187ad5e5fc4444117bdcd9e9a75db6845c11a700d19402dbbc5');
INSERT INTO "entries" VALUES(18,'batch','2026-11-22T10:00:00.000000Z','a54c4eadc3658187ad5e5fc4444117bdcd9e9a75db6845c11a700d19402dbbc5','{"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","body_bytes":265,"content":"blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba","dataset":"http_requests","inflated_bytes":659,"raw_path":"raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','540e95baa8ffca310fcaa7cde9d3c7b8797d3d04616ee3616a44f5cfc8b73a3f');
INSERT INTO "entries" VALUES(19,'batch','2026-11-22T10:00:00.000000Z','540e95baa8ffca310fcaa7cde9d3c7b8797d3d04616ee3616a44f5cfc8b73a3f','{"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","body_bytes":257,"content":"blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75","dataset":"access_requests","inflated_bytes":344,"raw_path":"raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','32c6dd151a3dcc142963284188ac40c5400bb459f676a10c848bcfc139902929');
INSERT INTO "entries" VALUES(20,'loaded','2026-11-22T10:00:00.000000Z','32c6dd151a3dcc142963284188ac40c5400bb459f676a10c848bcfc139902929','{"batches":[{"batch":17,"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","blank_lines":0,"lines":3,"rejected_lines":1,"rows":2},{"batch":18,"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","blank_lines":0,"lines":2,"rejected_lines":0,"rows":2}],"files":[{"bytes":23971,"dataset":"http_requests","day":"2026-11-22","path":"parts/http_requests/date=2026-11-22/000000000017-c406e2661688df8a.parquet","rows":3,"sha256":"29ea23005b0ef00e562c19aadc226e38e4c24a6e1eb9782f27a69a54a78b3482","time_max":"2026-11-22T09:12:07.123456Z","time_min":"2026-11-22T09:10:07.123456Z"},{"bytes":1288,"dataset":"rejected","day":"2026-11-22","path":"parts/rejected/date=2026-11-22/000000000017-c406e2661688df8a.parquet","rows":1,"sha256":"293e542409998fe0d52b23e0e244d3ae43aba52aca270ecaece44dd1cb46ac70","time_max":null,"time_min":null},{"bytes":23624,"dataset":"http_requests","day":"__other__","path":"parts/http_requests/date=__other__/000000000017-c406e2661688df8a.parquet","rows":1,"sha256":"aeb052ab690961e67406b03aad6ec79a954aaa8eab775573329dff8e49a32825","time_max":"1970-01-01T00:00:01.000000Z","time_min":"1970-01-01T00:00:01.000000Z"}]}','ae7b255034196c158b46a40dad18692dc316306adef255da3c3612e5974bba5e');
INSERT INTO "entries" VALUES(21,'loaded','2026-11-22T10:00:00.000000Z','ae7b255034196c158b46a40dad18692dc316306adef255da3c3612e5974bba5e','{"batches":[{"batch":19,"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","blank_lines":0,"lines":1,"rejected_lines":0,"rows":1}],"files":[{"bytes":4635,"dataset":"access_requests","day":"2026-11-22","path":"parts/access_requests/date=2026-11-22/000000000019-6ab273a68130001f.parquet","rows":1,"sha256":"60d2d2ad470051186f97c966a03c605a2d76943617e4cf931725fdb3a7125533","time_max":"2026-11-22T08:00:00.000000Z","time_min":"2026-11-22T08:00:00.000000Z"}]}','aa66be272babb0fbeea0e6dca6fbf7847c52c2000279ae3338aaa039d3168627');
CREATE TABLE facts (
	name VARCHAR(32) NOT NULL, 
	value VARCHAR(64) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('format','2');
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
	format INTEGER, 
	tier VARCHAR(8), 
	folded BIGINT DEFAULT '0' NOT NULL, 
	number BIGINT, 
	PRIMARY KEY (path), 
	FOREIGN KEY(added_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "files" VALUES('parts/access_requests/month=2026-10/sorted-month-110160f5e3cc6da0-000.parquet','access_requests','2026-10','8787e9d102a57363b0b5b45b628e8edc19487f01e4400db45bb4b5c0a57a6381',4614,1,'2026-10-01T08:00:00.000000Z','2026-10-01T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',9,NULL,'19d984c328fcad26',2,'month',0,589824);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-3a99485c01415d7d-000.parquet','http_requests','2026-10','d632a2d1eb2356d3de298d15277d17cd362c9f61a42a63e56950b573b197e6e9',26732,4,'2026-10-01T09:01:07.123456Z','2026-10-02T09:05:07.123456Z','dora','srhea',10,NULL,'4dda6720002a6663',2,'month',0,655360);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-3a99485c01415d7d-001.parquet','http_requests','2026-10','eb8efc74ae52be5e4d5a96c8d97ed6b541541a7527336385c2f2609646a3813f',26495,2,'2026-10-01T09:03:07.123456Z','2026-10-02T09:06:07.123456Z',NULL,NULL,10,NULL,'4dda6720002a6663',2,'month',0,655361);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-7bfd672678e180a4-000.parquet','http_requests','2026-11-19','1de4cf5489511424db5c682d10e03e75dc0cfd0ab61679e39ed106e503bdcf9c',26316,2,'2026-11-19T09:07:07.123456Z','2026-11-19T09:08:07.123456Z','ada','srhea',16,NULL,'4dda6720002a6663',2,'day',2,1048576);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-7bfd672678e180a4-001.parquet','http_requests','2026-11-19','742ce38625aacd062225626d6080965c78c7e9e5880e93c6a1ff960e899f640a',25967,1,'2026-11-19T09:09:07.123456Z','2026-11-19T09:09:07.123456Z',NULL,NULL,16,NULL,'4dda6720002a6663',2,'day',0,1048577);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-22/000000000017-c406e2661688df8a.parquet','http_requests','2026-11-22','29ea23005b0ef00e562c19aadc226e38e4c24a6e1eb9782f27a69a54a78b3482',23971,3,'2026-11-22T09:10:07.123456Z','2026-11-22T09:12:07.123456Z','dora','srhea',20,NULL,'4b247bd9607f186e',2,'part',0,NULL);
INSERT INTO "files" VALUES('parts/rejected/date=2026-11-22/000000000017-c406e2661688df8a.parquet','rejected','2026-11-22','293e542409998fe0d52b23e0e244d3ae43aba52aca270ecaece44dd1cb46ac70',1288,1,NULL,NULL,NULL,NULL,20,NULL,'93059cb954c6f192',2,'part',0,NULL);
INSERT INTO "files" VALUES('parts/http_requests/date=__other__/000000000017-c406e2661688df8a.parquet','http_requests','__other__','aeb052ab690961e67406b03aad6ec79a954aaa8eab775573329dff8e49a32825',23624,1,'1970-01-01T00:00:01.000000Z','1970-01-01T00:00:01.000000Z','srhea','srhea',20,NULL,'4b247bd9607f186e',2,'part',0,NULL);
INSERT INTO "files" VALUES('parts/access_requests/date=2026-11-22/000000000019-6ab273a68130001f.parquet','access_requests','2026-11-22','60d2d2ad470051186f97c966a03c605a2d76943617e4cf931725fdb3a7125533',4635,1,'2026-11-22T08:00:00.000000Z','2026-11-22T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',21,NULL,'b806065e90e62069',2,'part',0,NULL);
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
CREATE INDEX batches_by_state ON batches (state, sequence);
CREATE INDEX batches_by_state_and_dataset ON batches (state, dataset, received_at);
CREATE INDEX batches_by_loaded_sequence ON batches (loaded_sequence);
CREATE INDEX batches_by_raw_path ON batches (raw_path);
CREATE INDEX batches_by_batch_id ON batches (batch_id);
CREATE INDEX batches_by_raw_retired_sequence ON batches (raw_retired_sequence, received_at);
CREATE INDEX files_by_dataset_and_day ON files (dataset, day);
CREATE INDEX files_by_retired_sequence ON files (retired_sequence);
CREATE INDEX files_by_added_sequence ON files (added_sequence);
CREATE INDEX coverage_by_dataset_and_hour ON coverage (dataset, hour);
CREATE INDEX canaries_by_sent_at ON canaries (sent_at);
COMMIT;
