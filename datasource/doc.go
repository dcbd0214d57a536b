// Package datasource brings tables into the library: it reads them from CSV text,
// databases, data frames and sources of your own, checks them against a schema,
// and cleans them. Every algorithm of the library takes a [Table].
//
// # Tables
//
// A [Table] is a set of named columns of equal length. It is immutable, and safe
// for concurrent use. A [Column] is stored by its [Kind]: Numeric as float64 with
// NaN for a missing value, Categorical as codes into sorted levels with -1 for
// missing, Text as strings with "" for missing. No table holds an infinite value.
// IDs are text: they keep their leading zeros, and digits beyond the precision of
// float64. [Column.Floats], [Column.Codes] and [Column.Levels] give the column's
// own storage, which must not be written to; everything else returns copies or
// values.
//
// # Sources
//
// A [Source] yields batches, and [Load] gathers them to a table: all of it, or
// none of it and an error. [CSV], [Query] and [Table] are sources; package
// datasourcetest has a conformance suite for others.
//
// # CSV text
//
// [NewCSVFile], [NewCSVBytes] and [NewCSVReader] read RFC 4180 strictly: UTF-8
// with or without a byte order mark, lines that end with LF or CRLF, the last one
// perhaps with neither, line breaks in quoted cells. Blank lines are skipped, a
// header must name each column once, and each row must have a cell for each
// column. Blanks (spaces and tabs) around names, numbers and categories are cut
// off; text is kept byte for byte. A cell of nothing but blanks is missing.
//
// A number is a sign, digits with a decimal point, and an exponent, of which only
// some digits must be there. NaN, Inf, 1e309, 0x1p-2, 1_000, 1,000, $5 and 5% are
// no numbers, and neither are NA and null: the error says how to repair them.
// Nothing is guessed.
//
// A fault is a [*CSVError] with the physical line. Text is parsed on several
// cores; what is read, batches and errors included, depends neither on their
// number nor on the pieces in which a stream arrives. Peak memory of [Load] is
// about twice the size of the columns.
//
// # Kinds
//
// The kind of a column is the one that is demanded by name, else the one of its
// field if the schema fits the header, else it follows from all of its cells:
//
//   - Text, if there is none, or if the column has the name of an ID (id,
//     customer_id, CustomerID, Customer ID) and at least nine in ten rows hold a
//     value that no row above holds.
//   - Numeric, if all cells are numbers, however few different ones. Numbers
//     with leading zeros (0012) are codes and not numbers, and so are A12 and
//     SW1A.
//   - An error, if the cells are meant as numbers: no cell is a code, at least
//     half are numbers, some of them perhaps with a comma or a currency sign
//     (5213,45 or $1,000), and no other is a word (but NaN, NA, 5% ...). Or at
//     least 20 and 95% are such numbers, whatever the others are. Demand a kind
//     to read them as categories.
//   - Categorical, if there are at most 20 different values, or at most one for
//     each 20 rows and 1,000 in all.
//   - Text otherwise.
//
// # Rules
//
// [Validate] checks every cell against a [Schema], counts all violations, and
// drops, keeps or refuses bad rows by its [Policy]. [Clean] drops rows that lack
// values or repeat another row. [Prepare] does both; its [Quality] accounts for
// every row. For a table without a schema there is [InferSchema], and [Unusable]
// says which columns no analysis can use.
//
// # Errors
//
// Errors carry their values in types ([CSVError], [CellError], [ColumnError],
// [KindError], [InvalidError]) and match sentinels with errors.Is. A name that
// does not exist is answered with the nearest one that does. Text from a file
// appears in an error shortened and escaped.
package datasource
