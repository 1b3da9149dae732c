-- What the service sends to Oracle, 19c and 23ai alike; lists by their like.
-- <payoff> stands for all columns of payoff, (:several …) for a list of any length.
-- To write this file anew: LOAPI_TEST_REFRESH_SNAPSHOTS=1 uv run pytest tests/architecture/test_oracle_statements.py

-- adapters/sql/audit.py SqlAuditSink.scan
SELECT audit_leaf.log_index, audit_leaf.leaf_hash, <audit_record>
FROM audit_leaf JOIN audit_record ON audit_record.id = audit_leaf.record_id
WHERE audit_leaf.log_index BETWEEN :log_index_1 AND :log_index_2
ORDER BY audit_leaf.log_index;

-- adapters/sql/audit.py _check_free
SELECT audit_leaf.log_index
FROM audit_leaf
WHERE audit_leaf.log_index IN (:several …);

-- adapters/sql/audit.py _kept
SELECT <audit_record>
FROM audit_record
WHERE audit_record.id IN (:several …);

-- adapters/sql/audit.py _standing
SELECT audit_record.id
FROM audit_record
WHERE audit_record.id IN (:several …);

-- adapters/sql/examination.py SqlPlaces._number
-- adapters/sql/ledger.py end_of
SELECT max(audit_leaf.log_index) AS max_1
FROM audit_leaf;

-- adapters/sql/examination.py SqlPlaces._number
SELECT max(audit_leaf.log_index) AS max_1
FROM audit_leaf
WHERE audit_leaf.record_id >= :record_id_1 AND audit_leaf.record_id <= :record_id_2;

-- adapters/sql/examination.py SqlPlaces._number
SELECT min(audit_leaf.log_index) AS min_1
FROM audit_leaf
WHERE audit_leaf.leaf_hash = :leaf_hash_1;

-- adapters/sql/examination.py SqlPlaces._number
SELECT min(audit_leaf.log_index) AS min_1
FROM audit_leaf
WHERE audit_leaf.log_index >= :log_index_1 OR audit_leaf.log_index < :log_index_2;

-- adapters/sql/examination.py SqlPlaces._number
SELECT min(audit_leaf.log_index) AS min_1
FROM audit_leaf
WHERE audit_leaf.record_id >= :record_id_1 AND audit_leaf.record_id <= :record_id_2;

-- adapters/sql/examination.py SqlPlaces._number
SELECT min(audit_leaf.log_index) AS min_1
FROM audit_leaf;

-- adapters/sql/examination.py SqlPlaces.places
SELECT audit_leaf.log_index, audit_leaf.leaf_hash AS leaf_hash, audit_leaf.record_id AS record_id
FROM audit_leaf
WHERE audit_leaf.log_index >= :log_index_1 AND audit_leaf.log_index < :log_index_2
ORDER BY audit_leaf.log_index
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/examination.py SqlPlaces.strays
SELECT audit_record.id
FROM audit_record
WHERE NOT (EXISTS (SELECT *
FROM audit_leaf
WHERE audit_leaf.record_id = audit_record.id)) AND NOT (EXISTS (SELECT *
FROM journal
WHERE journal.record_id = audit_record.id))
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/examination.py SqlPlaces.strays
SELECT journal.record_id
FROM journal
WHERE journal.body IS NULL AND NOT (EXISTS (SELECT *
FROM audit_record
WHERE audit_record.id = journal.record_id))
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/examination.py SqlShelf.leaves
SELECT l.log_index, l.leaf_hash, r.id, r.schema_version, r.occurred_at, r.outcome, r.reason,
    r.client_id, r.key_id, r.token_id, r.user_id, r.proof, r.location_id, r.request_id,
    r.trace_id, r.address, r.http_method, r.route, r.action, r.entities, r.filters,
    r.like_requests, r.changes FROM audit_leaf l JOIN audit_record r ON r.id = l.record_id WHERE
    l.log_index BETWEEN :first AND :last;

-- adapters/sql/examination.py _leaves
SELECT audit_leaf.log_index, audit_record.occurred_at AS occurred_at, audit_record.id,
    audit_record.schema_version, audit_record.occurred_at AS occurred_at_1, audit_record.outcome,
    audit_record.reason, audit_record.client_id, audit_record.key_id, audit_record.token_id,
    audit_record.user_id, audit_record.proof, audit_record.location_id, audit_record.request_id,
    audit_record.trace_id, audit_record.address, audit_record.http_method, audit_record.route,
    audit_record.action, audit_record.entities, audit_record.filters, audit_record.like_requests,
    audit_record.changes
FROM audit_leaf JOIN audit_record ON audit_record.id = audit_leaf.record_id
WHERE audit_leaf.log_index = :log_index_1;

-- adapters/sql/examination.py _leaves
SELECT audit_leaf.log_index, audit_record.occurred_at AS occurred_at, audit_record.id,
    audit_record.schema_version, audit_record.occurred_at AS occurred_at_1, audit_record.outcome,
    audit_record.reason, audit_record.client_id, audit_record.key_id, audit_record.token_id,
    audit_record.user_id, audit_record.proof, audit_record.location_id, audit_record.request_id,
    audit_record.trace_id, audit_record.address, audit_record.http_method, audit_record.route,
    audit_record.action, audit_record.entities, audit_record.filters, audit_record.like_requests,
    audit_record.changes
FROM audit_leaf JOIN audit_record ON audit_record.id = audit_leaf.record_id
WHERE audit_leaf.log_index BETWEEN :log_index_1 AND :log_index_2;

-- adapters/sql/examination.py _leaves
SELECT audit_leaf.log_index, journal.body
FROM audit_leaf JOIN journal ON journal.record_id = audit_leaf.record_id
WHERE journal.body IS NOT NULL AND audit_leaf.log_index BETWEEN :log_index_1 AND :log_index_2;

-- adapters/sql/housekeeping.py Housekeeping._oldest
SELECT min(kept_answer.expires_at) AS min_1
FROM kept_answer;

-- adapters/sql/housekeeping.py Housekeeping._oldest
SELECT min(spent_token.expires_at) AS min_1
FROM spent_token;

-- adapters/sql/inserting.py insert_rows
INSERT INTO audit_leaf (log_index, record_id, leaf_hash) VALUES (:log_index, :record_id,
    :leaf_hash);

-- adapters/sql/inserting.py insert_rows
INSERT INTO audit_record (id, schema_version, occurred_at, outcome, reason, client_id, key_id,
    token_id, user_id, proof, location_id, request_id, trace_id, address, http_method, route,
    action, entities, filters, like_requests, changes) VALUES (:id, :schema_version, :occurred_at,
    :outcome, :reason, :client_id, :key_id, :token_id, :user_id, :proof, :location_id,
    :request_id, :trace_id, :address, :method, :route, :action, :entities, :filters, :count,
    :changes);

-- adapters/sql/inserting.py insert_rows
INSERT INTO client (client_id, scopes, proof_mode, replay, rate_limits, created_at, version)
    VALUES (:client_id, :scopes, :"mode", :replay, :rate_limits, :created_at, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO client_key (key_id, client_id, algorithm, sealed, state, retires_at, created_at,
    version) VALUES (:key_id, :client_id, :algorithm, :sealed, :state, :retires_at, :created_at,
    :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO country (alpha2, alpha3, numeric_code, name, display_name, officially_assigned,
    active, version) VALUES (:alpha2, :alpha3, :numeric, :name, :display_name,
    :officially_assigned, :active, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO dataset (name, imported_at, version) VALUES (:name, :imported_at, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO franchise (code, sba_code, brand, meets_ftc_definition, certification_status,
    addendum_required, addendum_type, code_start_date, notes, active, version) VALUES (:code,
    :sba_code, :brand, :meets_ftc_definition, :certification_status, :addendum_required,
    :addendum_type, :code_start_date, :notes, :active, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO holiday (code, calendar, holiday_date, name, observed, actual_date, version) VALUES
    (:code, :calendar, :"date", :name, :observed, :actual_date, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO journal (record_id, body) VALUES (:record_id, :body);

-- adapters/sql/inserting.py insert_rows
INSERT INTO loan (loan_number, location_id, program, borrower_name, status, principal,
    annual_rate, day_count, interest_paid_through, fees, terms, version) VALUES (:loan_number,
    :location_id, :program, :borrower_name, :status, :principal, :annual_rate, :day_count,
    :interest_paid_through, :fees, :terms, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO location (location_id, name, partner_id, partner_name, partner_type, type,
    fdic_certificate, ncua_charter, address, phone, status, start_date, end_date, notice_days,
    version) VALUES (:location_id, :name, :partner_id, :partner_name, :partner_type, :type,
    :fdic_certificate, :ncua_charter, :address, :phone, :status, :start_date, :end_date,
    :notice_days, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO naics_code (code, title, code_level, parent_code, sector_code, naics_year, active,
    version) VALUES (:code, :title, :"level", :parent_code, :sector_code, :naics_year, :active,
    :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO named_resource (id, name, description, attributes, client_id, created_at, updated_at,
    version) VALUES (:id, :name, :description, :attributes, :client_id, :created_at, :updated_at,
    :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO payoff (id, loan_number, payoff_date, reason, voluntary, requester, comments,
    notice_date, status, quote_type, program, location_id, good_through_date, rolled, roll_reason,
    wire_cutoff, principal, annual_rate, day_count, interest_paid_through, interest_to, days,
    per_diem, accrued_interest, fees, total, currency, source, warnings, client_id, created_by,
    created_at, updated_at, version) VALUES (:id, :loan_number, :payoff_date, :reason, :voluntary,
    :requester, :comments, :notice_date, :status, :quote_type, :program, :location_id,
    :good_through_date, :rolled, :roll_reason, :wire_cutoff, :principal, :annual_rate, :day_count,
    :interest_paid_through, :interest_to, :days, :per_diem, :accrued_interest, :fees, :total,
    :currency, :source, :warnings, :client_id, :created_by, :created_at, :updated_at, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO spent_token (client_id, token_id, expires_at) VALUES (:client_id, :token_id,
    :expires_at);

-- adapters/sql/inserting.py insert_rows
INSERT INTO user_account (user_id, oidc_subject, login, first_name, middle_name, last_name, email,
    phone, user_type, status, last_login_at, recertified_at, version) VALUES (:user_id,
    :oidc_subject, :login, :first_name, :middle_name, :last_name, :email, :phone, :user_type,
    :status, :last_login_at, :recertified_at, :version);

-- adapters/sql/inserting.py insert_rows
INSERT INTO user_location (user_id, location_id, roles, is_primary, version) VALUES (:user_id,
    :location_id, :roles, :is_primary, :version);

-- adapters/sql/journal.py Backlog._is_beyond
SELECT journal.record_id
FROM journal
ORDER BY journal.record_id
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py Backlog._is_beyond
SELECT journal.record_id
FROM journal
ORDER BY journal.record_id
OFFSET :passed_over ROWS
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py SqlJournal.depth
SELECT count(*) AS count_1
FROM journal;

-- adapters/sql/journal.py clear_waiting
DELETE FROM journal WHERE journal.record_id IN (:several …);

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
ORDER BY journal.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
ORDER BY journal.record_id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
WHERE journal.record_id <= :record_id_1
ORDER BY journal.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
WHERE journal.record_id <= :record_id_1
ORDER BY journal.record_id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
WHERE journal.record_id = :record_id_1
ORDER BY journal.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
WHERE journal.record_id >= :record_id_1
ORDER BY journal.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
WHERE journal.record_id >= :record_id_1
ORDER BY journal.record_id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
WHERE journal.record_id >= :record_id_1 AND journal.record_id <= :record_id_2
ORDER BY journal.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/journal.py read_waiting
SELECT journal.record_id, journal.body, <audit_record>
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
WHERE journal.record_id >= :record_id_1 AND journal.record_id <= :record_id_2
ORDER BY journal.record_id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/key_use.py SqlKeyUseStore.keep
-- adapters/sql/key_use.py SqlKeyUseStore.last
SELECT client_key_use.key_id, client_key_use.last_used_at
FROM client_key_use;

-- adapters/sql/key_use.py SqlKeyUseStore.keep
INSERT INTO client_key_use (key_id, last_used_at) VALUES (:key_id, :last_used_at);

-- adapters/sql/key_use.py SqlKeyUseStore.keep
UPDATE client_key_use SET last_used_at=:used_at WHERE client_key_use.key_id = :at_key AND
    client_key_use.last_used_at < :used_at;

-- adapters/sql/lease.py SqlLeaseRow.read
SELECT lease.holder, lease.expires_at
FROM lease
WHERE lease.name = :name_1;

-- adapters/sql/lease.py _swap
DELETE FROM lease WHERE lease.name = :name_1 AND lease.holder = :holder_1 AND lease.expires_at =
    :expires_at_1;

-- adapters/sql/lease.py _swap
INSERT INTO lease (name, holder, expires_at) VALUES (:name, :holder, :expires_at);

-- adapters/sql/lease.py _swap
UPDATE lease SET holder=:holder, expires_at=:expires_at WHERE lease.name = :name_1 AND
    lease.holder = :holder_1 AND lease.expires_at = :expires_at_1;

-- adapters/sql/lease.py holds
UPDATE lease SET holder=:holder WHERE lease.name = :name_1 AND lease.holder = :holder_1;

-- adapters/sql/ledger.py SqlLedger._first
-- adapters/sql/ledger.py _grow
SELECT audit_tree.tree_size, audit_tree.frontier
FROM audit_tree
WHERE audit_tree.name = :name_1;

-- adapters/sql/ledger.py SqlLedger._first
SELECT audit_checkpoint.note
FROM audit_checkpoint
ORDER BY audit_checkpoint.tree_size DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/ledger.py SqlLedger._first
SELECT audit_checkpoint.tree_size
FROM audit_checkpoint
WHERE audit_checkpoint.tree_size = :tree_size_1;

-- adapters/sql/ledger.py SqlLedger.checkpoints
SELECT audit_checkpoint.tree_size, audit_checkpoint.note
FROM audit_checkpoint
WHERE audit_checkpoint.tree_size > :tree_size_1
ORDER BY audit_checkpoint.tree_size
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/ledger.py SqlLedger.keep_checkpoint
INSERT INTO audit_checkpoint (tree_size, note, created_at) VALUES (:tree_size, :note, :created_at);

-- adapters/sql/ledger.py SqlLedger.leaf_hashes
SELECT audit_leaf.log_index, audit_leaf.leaf_hash
FROM audit_leaf
WHERE audit_leaf.log_index BETWEEN :log_index_1 AND :log_index_2
ORDER BY audit_leaf.log_index;

-- adapters/sql/ledger.py _grow
INSERT INTO audit_tree (name, tree_size, frontier) VALUES (:name, :"size", :frontier);

-- adapters/sql/ledger.py _grow
UPDATE audit_tree SET tree_size=:"size", frontier=:frontier WHERE audit_tree.name = :name_1 AND
    audit_tree.tree_size = :size_1;

-- adapters/sql/ledger.py entries_of
SELECT audit_leaf.record_id, audit_leaf.log_index, audit_leaf.leaf_hash
FROM audit_leaf
WHERE audit_leaf.record_id IN (:several …);

-- adapters/sql/migrate.py revision_of
SELECT version_num
FROM alembic_version;

-- adapters/sql/once.py _rows
SELECT kept_answer.idempotency_key, kept_answer.fingerprint, kept_answer.kind, kept_answer.answer,
    kept_answer.expires_at
FROM kept_answer
WHERE kept_answer.client_id = :at_client AND kept_answer.idempotency_key IN (:several …);

-- adapters/sql/once.py forget_expired
DELETE FROM kept_answer WHERE kept_answer.expires_at <= :expires_at_1;

-- adapters/sql/once.py forget_expired
DELETE FROM spent_token WHERE spent_token.expires_at <= :expires_at_1;

-- adapters/sql/once.py is_spent
SELECT spent_token.expires_at
FROM spent_token
WHERE spent_token.client_id = :at_client AND spent_token.token_id = :at_token;

-- adapters/sql/once.py keep
INSERT INTO kept_answer (client_id, idempotency_key, fingerprint, kind, answer, expires_at) VALUES
    (:client_id, :idempotency_key, :fingerprint, :kind, :answer, :expires_at);

-- adapters/sql/once.py kept
DELETE FROM kept_answer WHERE kept_answer.client_id = :at_client AND kept_answer.idempotency_key =
    :at_key;

-- adapters/sql/sighting.py look_at
SELECT version_num, SYS_EXTRACT_UTC(SYSTIMESTAMP) AS utc_now
FROM alembic_version;

-- adapters/sql/standing.py SqlStanding.waiting
SELECT journal.record_id AS record_id, audit_record.id AS id, audit_record.schema_version AS
    schema_version, audit_record.occurred_at AS occurred_at, audit_record.outcome AS outcome,
    audit_record.reason AS reason, audit_record.client_id AS client_id, audit_record.key_id AS
    key_id, audit_record.token_id AS token_id, audit_record.user_id AS user_id, audit_record.proof
    AS proof, audit_record.location_id AS location_id, audit_record.request_id AS request_id,
    audit_record.trace_id AS trace_id, audit_record.address AS address, audit_record.http_method
    AS http_method, audit_record.route AS route, audit_record.action AS action,
    audit_record.entities AS entities, audit_record.filters AS filters, audit_record.like_requests
    AS like_requests, audit_record.changes AS changes
FROM journal LEFT OUTER JOIN audit_record ON audit_record.id = journal.record_id AND journal.body
    IS NULL
ORDER BY journal.record_id
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <country>
FROM country
ORDER BY country.alpha2 ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <country>
FROM country
WHERE country.alpha2 >= :value_0 AND country.alpha2 > :value_0
ORDER BY country.alpha2 ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <franchise>
FROM franchise
ORDER BY franchise.code ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <franchise>
FROM franchise
WHERE franchise.code >= :value_0 AND franchise.code > :value_0
ORDER BY franchise.code ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <holiday>
FROM holiday
ORDER BY holiday.holiday_date ASC, holiday.code ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <holiday>
FROM holiday
WHERE holiday.holiday_date >= :value_0 AND (holiday.holiday_date > :value_0 OR
    holiday.holiday_date = :value_0 AND holiday.code > :value_1)
ORDER BY holiday.holiday_date ASC, holiday.code ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <location>
FROM location
ORDER BY location.location_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <location>
FROM location
WHERE location.location_id >= :value_0 AND location.location_id > :value_0
ORDER BY location.location_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <naics_code>
FROM naics_code
ORDER BY naics_code.code ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <naics_code>
FROM naics_code
WHERE naics_code.code >= :value_0 AND naics_code.code > :value_0
ORDER BY naics_code.code ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <named_resource>
FROM named_resource
ORDER BY named_resource.created_at ASC, named_resource.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <named_resource>
FROM named_resource
ORDER BY named_resource.created_at DESC, named_resource.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <named_resource>
FROM named_resource
WHERE named_resource.created_at <= :value_0 AND (named_resource.created_at < :value_0 OR
    named_resource.created_at = :value_0 AND named_resource.id < :value_1)
ORDER BY named_resource.created_at DESC, named_resource.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
ORDER BY payoff.created_at ASC, payoff.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
ORDER BY payoff.created_at ASC, payoff.payoff_date DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
ORDER BY payoff.created_at DESC, payoff.payoff_date ASC, payoff.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
ORDER BY payoff.payoff_date ASC, payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
ORDER BY payoff.payoff_date ASC, payoff.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
ORDER BY payoff.payoff_date DESC, payoff.created_at ASC, payoff.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
ORDER BY payoff.payoff_date DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE (payoff.id = :value_0 OR payoff.id IN (:value_1 …) OR payoff.id IS NOT NULL AND payoff.id !=
    :value_2 OR payoff.id IS NOT NULL AND (payoff.id NOT IN (:value_3 …)) OR payoff.id > :value_4)
    AND (payoff.id >= :value_5 OR payoff.id < :value_6 OR payoff.id <= :value_7 OR
    payoff.loan_number = :value_8 OR payoff.loan_number IN (:value_9 …)) AND (payoff.loan_number
    IS NOT NULL AND payoff.loan_number != :value_10 OR payoff.loan_number IS NOT NULL AND
    (payoff.loan_number NOT IN (:value_11 …)) OR payoff.loan_number > :value_12 OR
    payoff.loan_number >= :value_13 OR payoff.loan_number < :value_14) AND payoff.loan_number <=
    :value_15 AND payoff.loan_number >= :value_16 AND payoff.loan_number < :value_17
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE (payoff.id = :value_0 OR payoff.id IN (:value_1 …) OR payoff.id IS NOT NULL AND payoff.id !=
    :value_2 OR payoff.id IS NOT NULL AND (payoff.id NOT IN (:value_3 …)) OR payoff.id > :value_4)
    AND (payoff.id >= :value_5 OR payoff.id < :value_6 OR payoff.id <= :value_7 OR
    payoff.loan_number = :value_8 OR payoff.loan_number IN (:value_9 …)) AND (payoff.loan_number
    IS NOT NULL AND payoff.loan_number != :value_10 OR payoff.loan_number IS NOT NULL AND
    (payoff.loan_number NOT IN (:value_11 …)) OR payoff.loan_number > :value_12 OR
    payoff.loan_number >= :value_13 OR payoff.loan_number < :value_14) AND payoff.loan_number <=
    :value_15 AND payoff.loan_number >= :value_16 AND payoff.loan_number < :value_17 AND
    payoff.created_at <= :value_18 AND (payoff.created_at < :value_18 OR payoff.created_at =
    :value_18 AND payoff.id < :value_19)
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at < :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at <= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at <= :value_0 AND (payoff.created_at < :value_0 OR payoff.created_at =
    :value_0 AND (payoff.payoff_date > :value_1 OR payoff.payoff_date = :value_1 AND payoff.id >
    :value_2))
ORDER BY payoff.created_at DESC, payoff.payoff_date ASC, payoff.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at <= :value_0 AND (payoff.created_at < :value_0 OR payoff.created_at =
    :value_0 AND payoff.id < :value_1)
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at = :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at > :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at >= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at >= :value_0 AND (payoff.created_at > :value_0 OR payoff.created_at =
    :value_0 AND (payoff.payoff_date < :value_1 OR payoff.payoff_date = :value_1 AND payoff.id <
    :value_2))
ORDER BY payoff.created_at ASC, payoff.payoff_date DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at >= :value_0 AND (payoff.created_at > :value_0 OR payoff.created_at =
    :value_0 AND payoff.id > :value_1)
ORDER BY payoff.created_at ASC, payoff.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at IN (:value_0 …)
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at IS NOT NULL AND (payoff.created_at NOT IN (:value_0 …))
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.created_at IS NOT NULL AND payoff.created_at != :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.id < :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.id <= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.id = :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.id > :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.id >= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.id IN (:value_0 …)
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.id IS NOT NULL AND (payoff.id NOT IN (:value_0 …))
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.id IS NOT NULL AND payoff.id != :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number < :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number <= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number = :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number > :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number >= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number >= :value_0 AND payoff.loan_number < :value_1
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number IN (:value_0 …)
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number IS NOT NULL AND (payoff.loan_number NOT IN (:value_0 …))
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number IS NOT NULL AND payoff.loan_number != :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.location_id < :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.location_id <= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.location_id = :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.location_id > :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.location_id >= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.location_id IS NOT NULL AND (payoff.location_id NOT IN (:value_0 …))
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.location_id IS NOT NULL AND payoff.location_id != :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date < :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date <= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date <= :value_0 AND (payoff.payoff_date < :value_0 OR payoff.payoff_date =
    :value_0 AND (payoff.created_at > :value_1 OR payoff.created_at = :value_1 AND payoff.id >
    :value_2))
ORDER BY payoff.payoff_date DESC, payoff.created_at ASC, payoff.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date <= :value_0 AND (payoff.payoff_date < :value_0 OR payoff.payoff_date =
    :value_0 AND payoff.id < :value_1)
ORDER BY payoff.payoff_date DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date = :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date > :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date >= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date >= :value_0 AND (payoff.payoff_date > :value_0 OR payoff.payoff_date =
    :value_0 AND (payoff.created_at < :value_1 OR payoff.created_at = :value_1 AND payoff.id <
    :value_2))
ORDER BY payoff.payoff_date ASC, payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date >= :value_0 AND (payoff.payoff_date > :value_0 OR payoff.payoff_date =
    :value_0 AND payoff.id > :value_1)
ORDER BY payoff.payoff_date ASC, payoff.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date IN (:value_0 …)
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date IS NOT NULL AND (payoff.payoff_date NOT IN (:value_0 …))
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.payoff_date IS NOT NULL AND payoff.payoff_date != :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.status < :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.status <= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.status = :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.status > :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.status >= :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.status IS NOT NULL AND (payoff.status NOT IN (:value_0 …))
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <payoff>
FROM payoff
WHERE payoff.status IS NOT NULL AND payoff.status != :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <user_account>
FROM user_account
ORDER BY user_account.user_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT <user_account>
FROM user_account
WHERE user_account.user_id >= :value_0 AND user_account.user_id > :value_0
ORDER BY user_account.user_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT anon_1.id, anon_1.loan_number, anon_1.payoff_date, anon_1.reason, anon_1.voluntary,
    anon_1.requester, anon_1.comments, anon_1.notice_date, anon_1.status, anon_1.quote_type,
    anon_1.program, anon_1.location_id, anon_1.good_through_date, anon_1.rolled,
    anon_1.roll_reason, anon_1.wire_cutoff, anon_1.principal, anon_1.annual_rate,
    anon_1.day_count, anon_1.interest_paid_through, anon_1.interest_to, anon_1.days,
    anon_1.per_diem, anon_1.accrued_interest, anon_1.fees, anon_1.total, anon_1.currency,
    anon_1.source, anon_1.warnings, anon_1.client_id, anon_1.created_by, anon_1.created_at,
    anon_1.updated_at, anon_1.version
FROM (SELECT anon_2.id AS id, anon_2.loan_number AS loan_number, anon_2.payoff_date AS
    payoff_date, anon_2.reason AS reason, anon_2.voluntary AS voluntary, anon_2.requester AS
    requester, anon_2.comments AS comments, anon_2.notice_date AS notice_date, anon_2.status AS
    status, anon_2.quote_type AS quote_type, anon_2.program AS program, anon_2.location_id AS
    location_id, anon_2.good_through_date AS good_through_date, anon_2.rolled AS rolled,
    anon_2.roll_reason AS roll_reason, anon_2.wire_cutoff AS wire_cutoff, anon_2.principal AS
    principal, anon_2.annual_rate AS annual_rate, anon_2.day_count AS day_count,
    anon_2.interest_paid_through AS interest_paid_through, anon_2.interest_to AS interest_to,
    anon_2.days AS days, anon_2.per_diem AS per_diem, anon_2.accrued_interest AS accrued_interest,
    anon_2.fees AS fees, anon_2.total AS total, anon_2.currency AS currency, anon_2.source AS
    source, anon_2.warnings AS warnings, anon_2.client_id AS client_id, anon_2.created_by AS
    created_by, anon_2.created_at AS created_at, anon_2.updated_at AS updated_at, anon_2.version
    AS version
FROM (SELECT payoff.id AS id, payoff.loan_number AS loan_number, payoff.payoff_date AS
    payoff_date, payoff.reason AS reason, payoff.voluntary AS voluntary, payoff.requester AS
    requester, payoff.comments AS comments, payoff.notice_date AS notice_date, payoff.status AS
    status, payoff.quote_type AS quote_type, payoff.program AS program, payoff.location_id AS
    location_id, payoff.good_through_date AS good_through_date, payoff.rolled AS rolled,
    payoff.roll_reason AS roll_reason, payoff.wire_cutoff AS wire_cutoff, payoff.principal AS
    principal, payoff.annual_rate AS annual_rate, payoff.day_count AS day_count,
    payoff.interest_paid_through AS interest_paid_through, payoff.interest_to AS interest_to,
    payoff.days AS days, payoff.per_diem AS per_diem, payoff.accrued_interest AS accrued_interest,
    payoff.fees AS fees, payoff.total AS total, payoff.currency AS currency, payoff.source AS
    source, payoff.warnings AS warnings, payoff.client_id AS client_id, payoff.created_by AS
    created_by, payoff.created_at AS created_at, payoff.updated_at AS updated_at, payoff.version
    AS version
FROM payoff
WHERE payoff.location_id = :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY) anon_2 UNION ALL SELECT anon_3.id AS id, anon_3.loan_number AS
    loan_number, anon_3.payoff_date AS payoff_date, anon_3.reason AS reason, anon_3.voluntary AS
    voluntary, anon_3.requester AS requester, anon_3.comments AS comments, anon_3.notice_date AS
    notice_date, anon_3.status AS status, anon_3.quote_type AS quote_type, anon_3.program AS
    program, anon_3.location_id AS location_id, anon_3.good_through_date AS good_through_date,
    anon_3.rolled AS rolled, anon_3.roll_reason AS roll_reason, anon_3.wire_cutoff AS wire_cutoff,
    anon_3.principal AS principal, anon_3.annual_rate AS annual_rate, anon_3.day_count AS
    day_count, anon_3.interest_paid_through AS interest_paid_through, anon_3.interest_to AS
    interest_to, anon_3.days AS days, anon_3.per_diem AS per_diem, anon_3.accrued_interest AS
    accrued_interest, anon_3.fees AS fees, anon_3.total AS total, anon_3.currency AS currency,
    anon_3.source AS source, anon_3.warnings AS warnings, anon_3.client_id AS client_id,
    anon_3.created_by AS created_by, anon_3.created_at AS created_at, anon_3.updated_at AS
    updated_at, anon_3.version AS version
FROM (SELECT payoff.id AS id, payoff.loan_number AS loan_number, payoff.payoff_date AS
    payoff_date, payoff.reason AS reason, payoff.voluntary AS voluntary, payoff.requester AS
    requester, payoff.comments AS comments, payoff.notice_date AS notice_date, payoff.status AS
    status, payoff.quote_type AS quote_type, payoff.program AS program, payoff.location_id AS
    location_id, payoff.good_through_date AS good_through_date, payoff.rolled AS rolled,
    payoff.roll_reason AS roll_reason, payoff.wire_cutoff AS wire_cutoff, payoff.principal AS
    principal, payoff.annual_rate AS annual_rate, payoff.day_count AS day_count,
    payoff.interest_paid_through AS interest_paid_through, payoff.interest_to AS interest_to,
    payoff.days AS days, payoff.per_diem AS per_diem, payoff.accrued_interest AS accrued_interest,
    payoff.fees AS fees, payoff.total AS total, payoff.currency AS currency, payoff.source AS
    source, payoff.warnings AS warnings, payoff.client_id AS client_id, payoff.created_by AS
    created_by, payoff.created_at AS created_at, payoff.updated_at AS updated_at, payoff.version
    AS version
FROM payoff
WHERE payoff.location_id = :value_1
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY) anon_3) anon_1
ORDER BY anon_1.created_at DESC, anon_1.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.find
SELECT anon_1.id, anon_1.loan_number, anon_1.payoff_date, anon_1.reason, anon_1.voluntary,
    anon_1.requester, anon_1.comments, anon_1.notice_date, anon_1.status, anon_1.quote_type,
    anon_1.program, anon_1.location_id, anon_1.good_through_date, anon_1.rolled,
    anon_1.roll_reason, anon_1.wire_cutoff, anon_1.principal, anon_1.annual_rate,
    anon_1.day_count, anon_1.interest_paid_through, anon_1.interest_to, anon_1.days,
    anon_1.per_diem, anon_1.accrued_interest, anon_1.fees, anon_1.total, anon_1.currency,
    anon_1.source, anon_1.warnings, anon_1.client_id, anon_1.created_by, anon_1.created_at,
    anon_1.updated_at, anon_1.version
FROM (SELECT anon_2.id AS id, anon_2.loan_number AS loan_number, anon_2.payoff_date AS
    payoff_date, anon_2.reason AS reason, anon_2.voluntary AS voluntary, anon_2.requester AS
    requester, anon_2.comments AS comments, anon_2.notice_date AS notice_date, anon_2.status AS
    status, anon_2.quote_type AS quote_type, anon_2.program AS program, anon_2.location_id AS
    location_id, anon_2.good_through_date AS good_through_date, anon_2.rolled AS rolled,
    anon_2.roll_reason AS roll_reason, anon_2.wire_cutoff AS wire_cutoff, anon_2.principal AS
    principal, anon_2.annual_rate AS annual_rate, anon_2.day_count AS day_count,
    anon_2.interest_paid_through AS interest_paid_through, anon_2.interest_to AS interest_to,
    anon_2.days AS days, anon_2.per_diem AS per_diem, anon_2.accrued_interest AS accrued_interest,
    anon_2.fees AS fees, anon_2.total AS total, anon_2.currency AS currency, anon_2.source AS
    source, anon_2.warnings AS warnings, anon_2.client_id AS client_id, anon_2.created_by AS
    created_by, anon_2.created_at AS created_at, anon_2.updated_at AS updated_at, anon_2.version
    AS version
FROM (SELECT payoff.id AS id, payoff.loan_number AS loan_number, payoff.payoff_date AS
    payoff_date, payoff.reason AS reason, payoff.voluntary AS voluntary, payoff.requester AS
    requester, payoff.comments AS comments, payoff.notice_date AS notice_date, payoff.status AS
    status, payoff.quote_type AS quote_type, payoff.program AS program, payoff.location_id AS
    location_id, payoff.good_through_date AS good_through_date, payoff.rolled AS rolled,
    payoff.roll_reason AS roll_reason, payoff.wire_cutoff AS wire_cutoff, payoff.principal AS
    principal, payoff.annual_rate AS annual_rate, payoff.day_count AS day_count,
    payoff.interest_paid_through AS interest_paid_through, payoff.interest_to AS interest_to,
    payoff.days AS days, payoff.per_diem AS per_diem, payoff.accrued_interest AS accrued_interest,
    payoff.fees AS fees, payoff.total AS total, payoff.currency AS currency, payoff.source AS
    source, payoff.warnings AS warnings, payoff.client_id AS client_id, payoff.created_by AS
    created_by, payoff.created_at AS created_at, payoff.updated_at AS updated_at, payoff.version
    AS version
FROM payoff
WHERE payoff.status = :value_0
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY) anon_2 UNION ALL SELECT anon_3.id AS id, anon_3.loan_number AS
    loan_number, anon_3.payoff_date AS payoff_date, anon_3.reason AS reason, anon_3.voluntary AS
    voluntary, anon_3.requester AS requester, anon_3.comments AS comments, anon_3.notice_date AS
    notice_date, anon_3.status AS status, anon_3.quote_type AS quote_type, anon_3.program AS
    program, anon_3.location_id AS location_id, anon_3.good_through_date AS good_through_date,
    anon_3.rolled AS rolled, anon_3.roll_reason AS roll_reason, anon_3.wire_cutoff AS wire_cutoff,
    anon_3.principal AS principal, anon_3.annual_rate AS annual_rate, anon_3.day_count AS
    day_count, anon_3.interest_paid_through AS interest_paid_through, anon_3.interest_to AS
    interest_to, anon_3.days AS days, anon_3.per_diem AS per_diem, anon_3.accrued_interest AS
    accrued_interest, anon_3.fees AS fees, anon_3.total AS total, anon_3.currency AS currency,
    anon_3.source AS source, anon_3.warnings AS warnings, anon_3.client_id AS client_id,
    anon_3.created_by AS created_by, anon_3.created_at AS created_at, anon_3.updated_at AS
    updated_at, anon_3.version AS version
FROM (SELECT payoff.id AS id, payoff.loan_number AS loan_number, payoff.payoff_date AS
    payoff_date, payoff.reason AS reason, payoff.voluntary AS voluntary, payoff.requester AS
    requester, payoff.comments AS comments, payoff.notice_date AS notice_date, payoff.status AS
    status, payoff.quote_type AS quote_type, payoff.program AS program, payoff.location_id AS
    location_id, payoff.good_through_date AS good_through_date, payoff.rolled AS rolled,
    payoff.roll_reason AS roll_reason, payoff.wire_cutoff AS wire_cutoff, payoff.principal AS
    principal, payoff.annual_rate AS annual_rate, payoff.day_count AS day_count,
    payoff.interest_paid_through AS interest_paid_through, payoff.interest_to AS interest_to,
    payoff.days AS days, payoff.per_diem AS per_diem, payoff.accrued_interest AS accrued_interest,
    payoff.fees AS fees, payoff.total AS total, payoff.currency AS currency, payoff.source AS
    source, payoff.warnings AS warnings, payoff.client_id AS client_id, payoff.created_by AS
    created_by, payoff.created_at AS created_at, payoff.updated_at AS updated_at, payoff.version
    AS version
FROM payoff
WHERE payoff.status = :value_1
ORDER BY payoff.created_at DESC, payoff.id DESC
FETCH FIRST :most_rows ROWS ONLY) anon_3) anon_1
ORDER BY anon_1.created_at DESC, anon_1.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/store.py SqlSource.get
SELECT <client>
FROM client
WHERE client.client_id = :at_client_id;

-- adapters/sql/store.py SqlSource.get
SELECT <client_key>
FROM client_key
WHERE client_key.key_id = :at_key_id;

-- adapters/sql/store.py SqlSource.get
SELECT <country>
FROM country
WHERE country.alpha2 = :at_alpha2;

-- adapters/sql/store.py SqlSource.get
SELECT <franchise>
FROM franchise
WHERE franchise.code = :at_code;

-- adapters/sql/store.py SqlSource.get
SELECT <holiday>
FROM holiday
WHERE holiday.code = :at_code;

-- adapters/sql/store.py SqlSource.get
SELECT <loan>
FROM loan
WHERE loan.loan_number = :at_loan_number;

-- adapters/sql/store.py SqlSource.get
SELECT <location>
FROM location
WHERE location.location_id = :at_location_id;

-- adapters/sql/store.py SqlSource.get
SELECT <naics_code>
FROM naics_code
WHERE naics_code.code = :at_code;

-- adapters/sql/store.py SqlSource.get
SELECT <named_resource>
FROM named_resource
WHERE named_resource.id = :at_id;

-- adapters/sql/store.py SqlSource.get
SELECT <payoff>
FROM payoff
WHERE payoff.id = :at_id;

-- adapters/sql/store.py SqlSource.get
SELECT <user_account>
FROM user_account
WHERE user_account.user_id = :at_user_id;

-- adapters/sql/store.py SqlSource.get
SELECT <user_location>
FROM user_location
WHERE user_location.user_id = :at_user_id AND user_location.location_id = :at_location_id;

-- adapters/sql/store.py SqlSource.get
SELECT dataset.name, dataset.imported_at, dataset.version
FROM dataset
WHERE dataset.name = :at_name;

-- adapters/sql/store.py _write_batch
DELETE FROM client WHERE client.client_id = :at_client_id AND client.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM client_key WHERE client_key.key_id = :at_key_id AND client_key.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM country WHERE country.alpha2 = :at_alpha2 AND country.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM dataset WHERE dataset.name = :at_name AND dataset.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM franchise WHERE franchise.code = :at_code AND franchise.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM holiday WHERE holiday.code = :at_code AND holiday.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM loan WHERE loan.loan_number = :at_loan_number AND loan.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM location WHERE location.location_id = :at_location_id AND location.version =
    :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM naics_code WHERE naics_code.code = :at_code AND naics_code.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM named_resource WHERE named_resource.id = :at_id AND named_resource.version =
    :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM payoff WHERE payoff.id = :at_id AND payoff.version = :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM user_account WHERE user_account.user_id = :at_user_id AND user_account.version =
    :at_version;

-- adapters/sql/store.py _write_batch
DELETE FROM user_location WHERE user_location.user_id = :at_user_id AND user_location.location_id
    = :at_location_id AND user_location.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE client SET scopes=:scopes, proof_mode=:"mode", replay=:replay, rate_limits=:rate_limits,
    created_at=:created_at, version=:version WHERE client.client_id = :at_client_id AND
    client.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE client_key SET client_id=:client_id, algorithm=:algorithm, sealed=:sealed, state=:state,
    retires_at=:retires_at, created_at=:created_at, version=:version WHERE client_key.key_id =
    :at_key_id AND client_key.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE country SET alpha3=:alpha3, numeric_code=:numeric, name=:name, display_name=:display_name,
    officially_assigned=:officially_assigned, active=:active, version=:version WHERE
    country.alpha2 = :at_alpha2 AND country.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE dataset SET imported_at=:imported_at, version=:version WHERE dataset.name = :at_name AND
    dataset.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE franchise SET sba_code=:sba_code, brand=:brand, meets_ftc_definition=:meets_ftc_definition,
    certification_status=:certification_status, addendum_required=:addendum_required,
    addendum_type=:addendum_type, code_start_date=:code_start_date, notes=:notes, active=:active,
    version=:version WHERE franchise.code = :at_code AND franchise.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE holiday SET calendar=:calendar, holiday_date=:"date", name=:name, observed=:observed,
    actual_date=:actual_date, version=:version WHERE holiday.code = :at_code AND holiday.version =
    :at_version;

-- adapters/sql/store.py _write_batch
UPDATE loan SET location_id=:location_id, program=:program, borrower_name=:borrower_name,
    status=:status, principal=:principal, annual_rate=:annual_rate, day_count=:day_count,
    interest_paid_through=:interest_paid_through, fees=:fees, terms=:terms, version=:version WHERE
    loan.loan_number = :at_loan_number AND loan.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE location SET name=:name, partner_id=:partner_id, partner_name=:partner_name,
    partner_type=:partner_type, type=:type, fdic_certificate=:fdic_certificate,
    ncua_charter=:ncua_charter, address=:address, phone=:phone, status=:status,
    start_date=:start_date, end_date=:end_date, notice_days=:notice_days, version=:version WHERE
    location.location_id = :at_location_id AND location.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE naics_code SET title=:title, code_level=:"level", parent_code=:parent_code,
    sector_code=:sector_code, naics_year=:naics_year, active=:active, version=:version WHERE
    naics_code.code = :at_code AND naics_code.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE named_resource SET name=:name, description=:description, attributes=:attributes,
    client_id=:client_id, created_at=:created_at, updated_at=:updated_at, version=:version WHERE
    named_resource.id = :at_id AND named_resource.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE payoff SET loan_number=:loan_number, payoff_date=:payoff_date, reason=:reason,
    voluntary=:voluntary, requester=:requester, comments=:comments, notice_date=:notice_date,
    status=:status, quote_type=:quote_type, program=:program, location_id=:location_id,
    good_through_date=:good_through_date, rolled=:rolled, roll_reason=:roll_reason,
    wire_cutoff=:wire_cutoff, principal=:principal, annual_rate=:annual_rate,
    day_count=:day_count, interest_paid_through=:interest_paid_through, interest_to=:interest_to,
    days=:days, per_diem=:per_diem, accrued_interest=:accrued_interest, fees=:fees, total=:total,
    currency=:currency, source=:source, warnings=:warnings, client_id=:client_id,
    created_by=:created_by, created_at=:created_at, updated_at=:updated_at, version=:version WHERE
    payoff.id = :at_id AND payoff.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE user_account SET oidc_subject=:oidc_subject, login=:login, first_name=:first_name,
    middle_name=:middle_name, last_name=:last_name, email=:email, phone=:phone,
    user_type=:user_type, status=:status, last_login_at=:last_login_at,
    recertified_at=:recertified_at, version=:version WHERE user_account.user_id = :at_user_id AND
    user_account.version = :at_version;

-- adapters/sql/store.py _write_batch
UPDATE user_location SET roles=:roles, is_primary=:is_primary, version=:version WHERE
    user_location.user_id = :at_user_id AND user_location.location_id = :at_location_id AND
    user_location.version = :at_version;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
ORDER BY audit_record.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
ORDER BY audit_record.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.id < :id_1
ORDER BY audit_record.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.id > :id_1
ORDER BY audit_record.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at < :param_1 AND audit_record.id <= :id_1
ORDER BY audit_record.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at < :param_1 AND audit_record.id <= :id_1
ORDER BY audit_record.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at <= :param_1 AND audit_record.id <= :id_1
ORDER BY audit_record.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at <= :param_1 AND audit_record.id <= :id_1
ORDER BY audit_record.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at > :param_1 AND audit_record.id >= :id_1
ORDER BY audit_record.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at > :param_1 AND audit_record.id >= :id_1
ORDER BY audit_record.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at >= :param_1 AND audit_record.id >= :id_1
ORDER BY audit_record.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at >= :param_1 AND audit_record.id >= :id_1
ORDER BY audit_record.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at >= :param_1 AND audit_record.occurred_at < :param_2 AND
    audit_record.id >= :id_1 AND audit_record.id <= :id_2
ORDER BY audit_record.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at >= :param_1 AND audit_record.occurred_at < :param_2 AND
    audit_record.id >= :id_1 AND audit_record.id <= :id_2
ORDER BY audit_record.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at >= :param_1 AND audit_record.occurred_at < :param_2 AND
    audit_record.id >= :id_1 AND audit_record.id <= :id_2 AND audit_record.id < :id_3
ORDER BY audit_record.id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_record.id
FROM audit_record
WHERE audit_record.occurred_at >= :param_1 AND audit_record.occurred_at < :param_2 AND
    audit_record.id >= :id_1 AND audit_record.id <= :id_2 AND audit_record.id > :id_3
ORDER BY audit_record.id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_term.record_id
FROM audit_term
WHERE audit_term.term = :term_1
ORDER BY audit_term.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_term.record_id
FROM audit_term
WHERE audit_term.term = :term_1
ORDER BY audit_term.record_id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_term.record_id
FROM audit_term
WHERE audit_term.term = :term_1 AND (EXISTS (SELECT audit_record.id
FROM audit_record
WHERE audit_record.id = audit_term.record_id AND audit_record.occurred_at >= :param_1 AND
    audit_record.occurred_at < :param_2)) AND audit_term.record_id >= :record_id_1 AND
    audit_term.record_id <= :record_id_2
ORDER BY audit_term.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_term.record_id
FROM audit_term
WHERE audit_term.term = :term_1 AND (EXISTS (SELECT audit_record.id
FROM audit_record
WHERE audit_record.id = audit_term.record_id AND audit_record.occurred_at >= :param_1 AND
    audit_record.occurred_at < :param_2)) AND audit_term.record_id >= :record_id_1 AND
    audit_term.record_id <= :record_id_2
ORDER BY audit_term.record_id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_term.record_id
FROM audit_term
WHERE audit_term.term = :term_1 AND (EXISTS (SELECT audit_record.id
FROM audit_record
WHERE audit_record.id = audit_term.record_id AND audit_record.occurred_at >= :param_1 AND
    audit_record.occurred_at < :param_2)) AND audit_term.record_id >= :record_id_1 AND
    audit_term.record_id <= :record_id_2 AND audit_term.record_id < :record_id_3
ORDER BY audit_term.record_id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_term.record_id
FROM audit_term
WHERE audit_term.term = :term_1 AND (EXISTS (SELECT audit_record.id
FROM audit_record
WHERE audit_record.id = audit_term.record_id AND audit_record.occurred_at >= :param_1 AND
    audit_record.occurred_at < :param_2)) AND audit_term.record_id >= :record_id_1 AND
    audit_term.record_id <= :record_id_2 AND audit_term.record_id > :record_id_3
ORDER BY audit_term.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_term.record_id
FROM audit_term
WHERE audit_term.term = :term_1 AND (EXISTS (SELECT audit_term_1.term
FROM audit_term audit_term_1
WHERE audit_term_1.term IN (:term_2 …) AND audit_term_1.record_id = audit_term.record_id)) AND
    (EXISTS (SELECT audit_term_2.term
FROM audit_term audit_term_2
WHERE audit_term_2.term IN (:term_3 …) AND audit_term_2.record_id = audit_term.record_id))
ORDER BY audit_term.record_id ASC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _ids
SELECT audit_term.record_id
FROM audit_term
WHERE audit_term.term = :term_1 AND (EXISTS (SELECT audit_term_1.term
FROM audit_term audit_term_1
WHERE audit_term_1.term IN (:term_2 …) AND audit_term_1.record_id = audit_term.record_id)) AND
    (EXISTS (SELECT audit_term_2.term
FROM audit_term audit_term_2
WHERE audit_term_2.term IN (:term_3 …) AND audit_term_2.record_id = audit_term.record_id))
ORDER BY audit_term.record_id DESC
FETCH FIRST :most_rows ROWS ONLY;

-- adapters/sql/terms.py _is_there
SELECT audit_term.term
FROM audit_term
WHERE audit_term.term = :term_1 AND audit_term.record_id = :record_id_1;

-- adapters/sql/terms.py insert_terms
INSERT INTO audit_term (term, record_id) VALUES (:term, :record_id);

-- adapters/sql/together.py Together._find_all
SELECT anon_1.place, anon_1.code, anon_1.calendar, anon_1.holiday_date, anon_1.name,
    anon_1.observed, anon_1.actual_date, anon_1.version
FROM (SELECT :of_0_place AS place, anon_2.code AS code, anon_2.calendar AS calendar,
    anon_2.holiday_date AS holiday_date, anon_2.name AS name, anon_2.observed AS observed,
    anon_2.actual_date AS actual_date, anon_2.version AS version
FROM (SELECT anon_3.code AS code, anon_3.calendar AS calendar, anon_3.holiday_date AS
    holiday_date, anon_3.name AS name, anon_3.observed AS observed, anon_3.actual_date AS
    actual_date, anon_3.version AS version
FROM (SELECT anon_4.code AS code, anon_4.calendar AS calendar, anon_4.holiday_date AS
    holiday_date, anon_4.name AS name, anon_4.observed AS observed, anon_4.actual_date AS
    actual_date, anon_4.version AS version
FROM (SELECT holiday.code AS code, holiday.calendar AS calendar, holiday.holiday_date AS
    holiday_date, holiday.name AS name, holiday.observed AS observed, holiday.actual_date AS
    actual_date, holiday.version AS version
FROM holiday
WHERE holiday.calendar = :of_0_value_0
ORDER BY holiday.holiday_date ASC, holiday.code ASC
FETCH FIRST :of_0_most_rows ROWS ONLY) anon_4 UNION ALL SELECT anon_5.code AS code,
    anon_5.calendar AS calendar, anon_5.holiday_date AS holiday_date, anon_5.name AS name,
    anon_5.observed AS observed, anon_5.actual_date AS actual_date, anon_5.version AS version
FROM (SELECT holiday.code AS code, holiday.calendar AS calendar, holiday.holiday_date AS
    holiday_date, holiday.name AS name, holiday.observed AS observed, holiday.actual_date AS
    actual_date, holiday.version AS version
FROM holiday
WHERE holiday.calendar = :of_0_value_1
ORDER BY holiday.holiday_date ASC, holiday.code ASC
FETCH FIRST :of_0_most_rows ROWS ONLY) anon_5) anon_3
ORDER BY anon_3.holiday_date ASC, anon_3.code ASC
FETCH FIRST :of_0_most_rows ROWS ONLY) anon_2 UNION ALL SELECT :of_1_place AS place, anon_6.code
    AS code, anon_6.calendar AS calendar, anon_6.holiday_date AS holiday_date, anon_6.name AS
    name, anon_6.observed AS observed, anon_6.actual_date AS actual_date, anon_6.version AS
    version
FROM (SELECT anon_7.code AS code, anon_7.calendar AS calendar, anon_7.holiday_date AS
    holiday_date, anon_7.name AS name, anon_7.observed AS observed, anon_7.actual_date AS
    actual_date, anon_7.version AS version
FROM (SELECT anon_8.code AS code, anon_8.calendar AS calendar, anon_8.holiday_date AS
    holiday_date, anon_8.name AS name, anon_8.observed AS observed, anon_8.actual_date AS
    actual_date, anon_8.version AS version
FROM (SELECT holiday.code AS code, holiday.calendar AS calendar, holiday.holiday_date AS
    holiday_date, holiday.name AS name, holiday.observed AS observed, holiday.actual_date AS
    actual_date, holiday.version AS version
FROM holiday
WHERE holiday.calendar = :of_1_value_0
ORDER BY holiday.holiday_date ASC, holiday.code ASC
FETCH FIRST :of_1_most_rows ROWS ONLY) anon_8 UNION ALL SELECT anon_9.code AS code,
    anon_9.calendar AS calendar, anon_9.holiday_date AS holiday_date, anon_9.name AS name,
    anon_9.observed AS observed, anon_9.actual_date AS actual_date, anon_9.version AS version
FROM (SELECT holiday.code AS code, holiday.calendar AS calendar, holiday.holiday_date AS
    holiday_date, holiday.name AS name, holiday.observed AS observed, holiday.actual_date AS
    actual_date, holiday.version AS version
FROM holiday
WHERE holiday.calendar = :of_1_value_1
ORDER BY holiday.holiday_date ASC, holiday.code ASC
FETCH FIRST :of_1_most_rows ROWS ONLY) anon_9) anon_7
ORDER BY anon_7.holiday_date ASC, anon_7.code ASC
FETCH FIRST :of_1_most_rows ROWS ONLY) anon_6) anon_1
ORDER BY anon_1.place, anon_1.holiday_date ASC, anon_1.code ASC;

-- adapters/sql/together.py Together._find_all
SELECT anon_1.place, anon_1.name, anon_1.imported_at, anon_1.version
FROM (SELECT :of_0_place AS place, anon_2.name AS name, anon_2.imported_at AS imported_at,
    anon_2.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_0_most_rows ROWS ONLY) anon_2 UNION ALL SELECT :of_1_place AS place, anon_3.name
    AS name, anon_3.imported_at AS imported_at, anon_3.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_1_most_rows ROWS ONLY) anon_3 UNION ALL SELECT :of_2_place AS place, anon_4.name
    AS name, anon_4.imported_at AS imported_at, anon_4.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_2_most_rows ROWS ONLY) anon_4 UNION ALL SELECT :of_3_place AS place, anon_5.name
    AS name, anon_5.imported_at AS imported_at, anon_5.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_3_most_rows ROWS ONLY) anon_5 UNION ALL SELECT :of_4_place AS place, anon_6.name
    AS name, anon_6.imported_at AS imported_at, anon_6.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_4_most_rows ROWS ONLY) anon_6 UNION ALL SELECT :of_5_place AS place, anon_7.name
    AS name, anon_7.imported_at AS imported_at, anon_7.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_5_most_rows ROWS ONLY) anon_7 UNION ALL SELECT :of_6_place AS place, anon_8.name
    AS name, anon_8.imported_at AS imported_at, anon_8.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_6_most_rows ROWS ONLY) anon_8 UNION ALL SELECT :of_7_place AS place, anon_9.name
    AS name, anon_9.imported_at AS imported_at, anon_9.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_7_most_rows ROWS ONLY) anon_9 UNION ALL SELECT :of_8_place AS place, anon_10.name
    AS name, anon_10.imported_at AS imported_at, anon_10.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_8_most_rows ROWS ONLY) anon_10 UNION ALL SELECT :of_9_place AS place, anon_11.name
    AS name, anon_11.imported_at AS imported_at, anon_11.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_9_most_rows ROWS ONLY) anon_11 UNION ALL SELECT :of_10_place AS place,
    anon_12.name AS name, anon_12.imported_at AS imported_at, anon_12.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_10_most_rows ROWS ONLY) anon_12 UNION ALL SELECT :of_11_place AS place,
    anon_13.name AS name, anon_13.imported_at AS imported_at, anon_13.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_11_most_rows ROWS ONLY) anon_13 UNION ALL SELECT :of_12_place AS place,
    anon_14.name AS name, anon_14.imported_at AS imported_at, anon_14.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_12_most_rows ROWS ONLY) anon_14 UNION ALL SELECT :of_13_place AS place,
    anon_15.name AS name, anon_15.imported_at AS imported_at, anon_15.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_13_most_rows ROWS ONLY) anon_15 UNION ALL SELECT :of_14_place AS place,
    anon_16.name AS name, anon_16.imported_at AS imported_at, anon_16.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_14_most_rows ROWS ONLY) anon_16 UNION ALL SELECT :of_15_place AS place,
    anon_17.name AS name, anon_17.imported_at AS imported_at, anon_17.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_15_most_rows ROWS ONLY) anon_17) anon_1
ORDER BY anon_1.place;

-- adapters/sql/together.py Together._find_all
SELECT anon_1.place, anon_1.name, anon_1.imported_at, anon_1.version
FROM (SELECT :of_0_place AS place, anon_2.name AS name, anon_2.imported_at AS imported_at,
    anon_2.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_0_most_rows ROWS ONLY) anon_2 UNION ALL SELECT :of_1_place AS place, anon_3.name
    AS name, anon_3.imported_at AS imported_at, anon_3.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_1_most_rows ROWS ONLY) anon_3 UNION ALL SELECT :of_2_place AS place, anon_4.name
    AS name, anon_4.imported_at AS imported_at, anon_4.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_2_most_rows ROWS ONLY) anon_4 UNION ALL SELECT :of_3_place AS place, anon_5.name
    AS name, anon_5.imported_at AS imported_at, anon_5.version AS version
FROM (SELECT dataset.name AS name, dataset.imported_at AS imported_at, dataset.version AS version
FROM dataset
FETCH FIRST :of_3_most_rows ROWS ONLY) anon_5) anon_1
ORDER BY anon_1.place;

-- adapters/sql/together.py Together._get_all
SELECT <loan>
FROM loan
WHERE loan.loan_number IN (:several …);

-- adapters/sql/together.py Together._has_found
SELECT <payoff>
FROM payoff
WHERE payoff.loan_number IN (:value_0 …) AND payoff.status IN (:value_1 …) AND payoff.days >=
    :value_2
FETCH FIRST :most_rows ROWS ONLY;
