BEGIN TRANSACTION;
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
	PRIMARY KEY (sequence), 
	UNIQUE (dataset, content), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(loaded_sequence) REFERENCES entries (sequence)
);
INSERT INTO "batches" VALUES(1,'42683d3f4e0f71a6faf3fa15625ac3652252383746605c8e4c3b94a416250448','http_requests','blake3:15d2f66930f3ce8c7c2435c271564b31024dc60ed456ed055e3d70278e539573',259,685,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/42683d3f4e0f71a6faf3fa15625ac3652252383746605c8e4c3b94a416250448.gz','loaded',NULL,1,2,1,0,3);
INSERT INTO "batches" VALUES(2,'8b00fed0adcc98586375163b988c493da9af35c57158d2cd759891968efee8b8','access_requests','blake3:b3a4f49ca57eaf46c7b5419de9c7e5fdcac0f11bc7a6eb8ae312eee42df0bc4c',254,334,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/8b00fed0adcc98586375163b988c493da9af35c57158d2cd759891968efee8b8.gz','loaded',NULL,1,1,0,0,4);
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
INSERT INTO "entries" VALUES(1,'batch','2026-11-22T10:00:00.000000Z','0000000000000000000000000000000000000000000000000000000000000000','{"batch_id":"42683d3f4e0f71a6faf3fa15625ac3652252383746605c8e4c3b94a416250448","body_bytes":259,"content":"blake3:15d2f66930f3ce8c7c2435c271564b31024dc60ed456ed055e3d70278e539573","dataset":"http_requests","inflated_bytes":685,"raw_path":"raw/2026-11-22/42683d3f4e0f71a6faf3fa15625ac3652252383746605c8e4c3b94a416250448.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','b82facfddeddec91614eb4e01eeaea4a6decf7725e7332779f0d81f98c39b33a');
INSERT INTO "entries" VALUES(2,'batch','2026-11-22T10:00:00.000000Z','b82facfddeddec91614eb4e01eeaea4a6decf7725e7332779f0d81f98c39b33a','{"batch_id":"8b00fed0adcc98586375163b988c493da9af35c57158d2cd759891968efee8b8","body_bytes":254,"content":"blake3:b3a4f49ca57eaf46c7b5419de9c7e5fdcac0f11bc7a6eb8ae312eee42df0bc4c","dataset":"access_requests","inflated_bytes":334,"raw_path":"raw/2026-11-22/8b00fed0adcc98586375163b988c493da9af35c57158d2cd759891968efee8b8.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','a89fea05bf14ce3c69e450592ebd69929cade3e701642ff59d2556362fd3b0da');
INSERT INTO "entries" VALUES(3,'loaded','2026-11-22T10:00:00.000000Z','a89fea05bf14ce3c69e450592ebd69929cade3e701642ff59d2556362fd3b0da','{"batch":1,"batch_id":"42683d3f4e0f71a6faf3fa15625ac3652252383746605c8e4c3b94a416250448","blank_lines":0,"files":[{"bytes":36147,"dataset":"http_requests","day":"2026-11-20","path":"parts/http_requests/date=2026-11-20/000000000001-42683d3f4e0f71a6.parquet","rows":1,"sha256":"ecd3efbfeb1e62a8872a8d4a8aef5a278fde3b7917b887decf15ac749548439b","time_max":"2026-11-20T09:51:07.000000Z","time_min":"2026-11-20T09:51:07.000000Z","user_max":"srhea","user_min":"srhea"},{"bytes":36057,"dataset":"http_requests","day":"__other__","path":"parts/http_requests/date=__other__/000000000001-42683d3f4e0f71a6.parquet","rows":1,"sha256":"3d7a3e04e2df16083fab17fc4cf19f9fd1993b1b70dbcda9442590f9a558996a","time_max":"1970-01-01T00:00:01.000000Z","time_min":"1970-01-01T00:00:01.000000Z","user_max":"srhea","user_min":"srhea"},{"bytes":1820,"dataset":"rejected","day":"2026-11-22","path":"parts/rejected/date=2026-11-22/000000000001-42683d3f4e0f71a6.parquet","rows":1,"sha256":"35e8f5f7bce1777ee3b6d87d6fd21a6cb25815a1bb4355747170798a93942097","time_max":null,"time_min":null,"user_max":null,"user_min":null}],"lines":3,"rejected_lines":1,"rows":2}','0e369716db56540b8c9685858fc805a3f2354026807740eb8d0b402a5154d1d4');
INSERT INTO "entries" VALUES(4,'loaded','2026-11-22T10:00:00.000000Z','0e369716db56540b8c9685858fc805a3f2354026807740eb8d0b402a5154d1d4','{"batch":2,"batch_id":"8b00fed0adcc98586375163b988c493da9af35c57158d2cd759891968efee8b8","blank_lines":0,"files":[{"bytes":6150,"dataset":"access_requests","day":"2026-11-20","path":"parts/access_requests/date=2026-11-20/000000000002-8b00fed0adcc9858.parquet","rows":1,"sha256":"990b8ef7e7d871b1807bef3e647c1a619327b1d7e564417c009bb68852bd590b","time_max":"2026-11-20T09:50:59.000000Z","time_min":"2026-11-20T09:50:59.000000Z","user_max":"srhea@widgetcorp.example","user_min":"srhea@widgetcorp.example"}],"lines":1,"rejected_lines":0,"rows":1}','6f08415366920a3d1c5d7312f1414eeeb4888745d04c011d239093ea474cf679');
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
	PRIMARY KEY (path), 
	FOREIGN KEY(added_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-20/000000000001-42683d3f4e0f71a6.parquet','http_requests','2026-11-20','ecd3efbfeb1e62a8872a8d4a8aef5a278fde3b7917b887decf15ac749548439b',36147,1,'2026-11-20T09:51:07.000000Z','2026-11-20T09:51:07.000000Z','srhea','srhea',3,NULL);
INSERT INTO "files" VALUES('parts/http_requests/date=__other__/000000000001-42683d3f4e0f71a6.parquet','http_requests','__other__','3d7a3e04e2df16083fab17fc4cf19f9fd1993b1b70dbcda9442590f9a558996a',36057,1,'1970-01-01T00:00:01.000000Z','1970-01-01T00:00:01.000000Z','srhea','srhea',3,NULL);
INSERT INTO "files" VALUES('parts/rejected/date=2026-11-22/000000000001-42683d3f4e0f71a6.parquet','rejected','2026-11-22','35e8f5f7bce1777ee3b6d87d6fd21a6cb25815a1bb4355747170798a93942097',1820,1,NULL,NULL,NULL,NULL,3,NULL);
INSERT INTO "files" VALUES('parts/access_requests/date=2026-11-20/000000000002-8b00fed0adcc9858.parquet','access_requests','2026-11-20','990b8ef7e7d871b1807bef3e647c1a619327b1d7e564417c009bb68852bd590b',6150,1,'2026-11-20T09:50:59.000000Z','2026-11-20T09:50:59.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',4,NULL);
CREATE TABLE refusals (
	sha256 VARCHAR(64) NOT NULL, 
	times INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	first_at VARCHAR(27) NOT NULL, 
	last_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (sha256)
);
CREATE INDEX batches_by_state ON batches (state, sequence);
CREATE INDEX batches_by_raw_path ON batches (raw_path);
CREATE INDEX batches_by_batch_id ON batches (batch_id);
CREATE INDEX files_by_retired_sequence ON files (retired_sequence);
CREATE INDEX files_by_dataset_and_day ON files (dataset, day);
COMMIT;
