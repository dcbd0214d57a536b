// Package store keeps what a CohortLens server must not forget: customers, their
// segments and predictions, models and drift baselines, consents, credentials,
// users, plans, usage, and an audit log of every change. It stands on an SQLite
// file or on PostgreSQL (Neon among others), with one behaviour.
//
// # Databases
//
// [Open] takes a URL. sqlite:FILE is a file that needs nothing else; sqlite:///FILE
// and sqlite:////ABSOLUTE/FILE, as SQLAlchemy has them, name files too, and
// sqlite::memory: lives as long as its store, with one transaction at a time.
// postgres://USER:PASSWORD@HOST/DATABASE is a server. A server that is not this
// machine is reached by TLS unless the URL says otherwise (sslmode). Where the URL
// is that of Neon's pooler, imports and migrations go to the server behind it.
// Another pooler of transactions must ignore the startup parameter
// statement_timeout.
//
// A database that the Python backend made is used as it is, with its rows:
// migrations only add tables, columns and indexes, widen texts, and lift rules of
// that backend on rows that are stored here, such as that of an e-mail address for
// every user. Its hashes of bcrypt log in, and are replaced by such of argon2id,
// which it cannot verify.
//
// A missing, empty, damaged or deleted file is an error and is never replaced by
// a new one, unless [Options].Create asks for a first one.
//
// # Customers
//
// A customer has the columns of the customer table and, in the column attributes,
// a JSON object of what other columns hold. The table customer_columns has the
// name, place and kind of each column, and no rows as long as there are none but
// those of the customer table. Backends that know nothing of attributes can read
// and write customers beside.
//
// # Transactions
//
// Every write is one explicit transaction, tried once. A state change and its
// entry in the audit log are committed together. A method that returns nil has
// stored everything, durably (synchronous=FULL on SQLite, the server's setting on
// PostgreSQL); one that returns an error has stored nothing, but for
// [ErrUncertain], which says that the answer to the commit was lost. Nothing is
// repeated then: the caller decides.
//
// A method waits a bounded time for a connection and for its answer, and ends
// when its context does. Reads see one state of the database.
//
// # Audit
//
// The entries of each table are numbered and chained by hashes under the audit
// key. [Store.VerifyAudit] finds and names entries that were changed, removed,
// swapped or inserted by someone who can write to the database and does not know
// the key. The last entries of a chain, which nothing follows, and a database that
// was put back as a whole, are found by checkpoints ([Store.Checkpoint]): keep them
// elsewhere.
//
// The chains protect the log and nothing else: a row of another table that was
// changed without an entry is not found, nor an entry that a trigger of the
// database changed before it was stored. What came before the chains, or before
// the audit key, is as it was then: the entries of the Python backend, and those
// that [Verification].Unkeyed counts.
//
// All replicas have the same key. When one takes a new key into use, those without
// it do not write any more. Calls that are counted, and idempotency keys, are no
// state of a person and are not in the log.
//
// # Users
//
// A user is a viewer, an analyst or an admin; the column is_admin of the Python
// backend decides who is an admin. Passwords are kept as argon2id, and at most two
// are hashed at once by a store. [Store.Authenticate] takes the same time for an
// unknown name, a wrong password and a disabled user. A stored hash that asks for
// more than 64 MiB, 16 passes or a cost of 16 is computed for nobody.
//
// # Plans and usage
//
// A tenant has the [Plan] of its subscription, and no limits without one, as when
// it has ended. Of a subscription only the end is changed, and of a consent
// nothing: what was booked or said before stays as history.
//
// [Store.CountCall] counts exactly over all replicas, and up to the limit of the
// tenant's plan. Waiting calls of a tenant are counted by one transaction, so that
// the number of calls in a second is not bounded by the number of commits.
//
// # Texts and numbers
//
// IDs and names have at most 128 characters, other texts 1 MiB; they are stored
// byte for byte. What is not UTF-8, or holds NUL, is refused on both databases.
// Amounts are rounded to cents, halves away from zero. Times are UTC, to the
// microsecond.
//
// # Errors
//
// Errors are [*Error] with a kind that errors.Is finds, such as [ErrNotFound],
// [ErrConflict], [ErrLimit] or [ErrUnavailable]; the end of a context stays what
// it is. No error holds a password. The text of a driver may name tables: log it,
// and tell strangers the kind.
//
// # Other stores
//
// Who keeps all of this, or some of it, elsewhere implements [Backend], or those of
// its interfaces, such as [ConsentStore]; package storetest is the conformance
// suite of both. Package pgtest starts a PostgreSQL server for tests.
package store
