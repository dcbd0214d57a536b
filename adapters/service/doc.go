// Package service answers the requests of every door to the program, so that the
// same request gives the same result through each. It opens the data that a
// request names, calls the library as the configuration says, owns the JSON
// documents and writes the files.
//
// # Documents
//
// [SegmentDocument], [AssignDocument], [PredictDocument], [BaselineDocument],
// [DriftDocument], [ReportDocument] and their like are the JSON answers. The bytes
// of an analysis depend on data and configuration alone: map keys are sorted, a
// figure that is not a finite number is null, and no time is in them.
//
// # Files
//
// The files of one request appear together or not at all: each is written beside
// its place under another name, and renamed when all are complete. Folders
// of the configuration are created as needed, of other paths the last one only, and
// removed again when the request fails. A file that is replaced keeps its mode, and
// a link to it stays a link. Into a pipe or a character device the result is
// written, and nothing takes its place; "-" is no place to write to. Among figures,
// those of an earlier report that have no successor are removed.
//
// # Models
//
// A segmentation may be saved, to assign further customers without fitting, and
// to see who moved when customers are segmented anew. Customers to assign are
// read, assigned and written batch by batch.
//
// # Baselines
//
// A profile of customers is saved to compare later ones with. It holds figures,
// levels and a sample of at most a thousand rows without their IDs, so it is to be
// kept as the data is. A check never changes it.
//
// # Database
//
// A request that needs the database opens it and closes it again. Only
// [Service.Migrate] makes a new SQLite file. Requests that change rows migrate
// the tables before; those that look need tables of this version, but for
// customers as data, which are read from tables of the Python backend too, and
// [Service.DatabaseStatus]. What is changed is in the audit log, by
// Options.Actor.
//
// # Errors
//
// An [*InputError] is the user's to mend: data, parameter or path. When the
// context ends, the error is the context's. Any other error is a fault of the
// program or the machine.
package service
