package cli

import (
	"context"
	"slices"
	"strconv"

	"github.com/cohortlens/cohortlens/adapters/service"
	"github.com/cohortlens/cohortlens/adapters/store"
)

var (
	databaseFlag = text("database", "URL", "use the database `URL`, sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME; "+
		"by default that of NEON_DATABASE_URL, or else the file data/cohortlens.db", inputGroup)
	tenantFlag = text("tenant", "T", "for the tenant `T`, whose plan limits the number of customers", inputGroup)
)

// databaseNote is part of the help of all commands that need the database.
const databaseNote = `

The database is the one of --database, else of NEON_DATABASE_URL, else the SQLite
file of database.path in the configuration, data/cohortlens.db.`

var databaseCommands = []command{
	{
		name: "db migrate", usage: "bring the tables of the database to this version",
		description: `Makes the tables that are missing, and an SQLite file that is not there. Tables
of the Python backend are used as they are; their rows stay.

   cohortlens db migrate
   cohortlens db migrate --database sqlite:shop.db` + databaseNote,
		flags: []flagSpec{databaseFlag, jsonFlag}, run: (*session).migrate,
	},
	{
		name: "db import", usage: "store customers of a file in the database", takes: "FILE", arguments: 1,
		description: `Stores the customers of a CSV file, - for standard input, in the place of those
with the same ID: all rows that the rules allow, or none. Columns beyond those of
the customer table are stored too, and stay when a later file does not have them.
A table of other columns is stored with its own.

   cohortlens db import customers.csv
   cohortlens db import customers.csv --invalid fail --database sqlite:shop.db
   cohortlens db import members.csv --id-column Member --categorical Region,Plan` + databaseNote,
		flags: slices.Concat(
			[]flagSpec{databaseFlag}, slices.DeleteFunc(slices.Clone(inputFlags), func(f flagSpec) bool { return f.name == "data" }),
			[]flagSpec{tenantFlag, jsonFlag},
		),
		run: (*session).importCustomers,
	},
	{
		name: "db status", usage: "say how the database is",
		description: `Says whether the database can be reached, whether its tables are those of this
version, and how many customers it has.

   cohortlens db status --json` + databaseNote,
		flags: []flagSpec{databaseFlag, jsonFlag}, run: (*session).databaseStatus,
	},
}

// answer asks the service for a document and prints it.
func answer[D any](s *session, ask func(context.Context, *service.Service) (D, error), human func(*printer, D)) error {
	svc, err := s.service()
	if err != nil {
		return err
	}
	d, err := ask(s.flags.Context, svc)
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { human(p, d) })
}

func (s *session) migrate() error {
	return answer(s, func(ctx context.Context, svc *service.Service) (*service.MigrateDocument, error) {
		return svc.Migrate(ctx)
	}, (*printer).migrateDocument)
}

func (s *session) importCustomers() error {
	file := s.flags.Args().First()
	if file == "" {
		return &usageError{message: "name the file to import", hint: "cohortlens db import customers.csv"}
	}
	return answer(s, func(ctx context.Context, svc *service.Service) (*service.ImportDocument, error) {
		return svc.Import(ctx, service.ImportRequest{Data: file, Tenant: s.flags.String("tenant")})
	}, (*printer).importDocument)
}

func (s *session) databaseStatus() error {
	return answer(s, func(ctx context.Context, svc *service.Service) (*service.DatabaseStatus, error) {
		return svc.DatabaseStatus(ctx)
	}, (*printer).databaseStatus)
}

func (p *printer) migrateDocument(d *service.MigrateDocument) {
	p.line("%s: %s taken, the tables are those of this version.", d.Database, plural(len(d.Taken), "step"))
	p.steps(d.Steps)
}

func (p *printer) importDocument(d *service.ImportDocument) {
	p.account(d.Source, "imported", d.Quality)
	for _, v := range d.Quality.Violations {
		p.line("  %s: %s must be %s", plural(v.Count, "row"), v.Column, v.Rule)
	}
	n := func(n int64) string { return count(int(n)) }
	p.line("%s: %s new, %s changed, %s as they were.", d.Database, n(d.Import.Inserted), n(d.Import.Updated), n(d.Import.Unchanged))
	p.notes(d.Notes)
}

func (p *printer) databaseStatus(d *service.DatabaseStatus) {
	state := "the tables are those of this version"
	if !d.UpToDate {
		state = "steps are missing; take them with cohortlens db migrate"
	}
	p.line("%s: %s.", d.Database, state)
	p.steps(d.Steps)
	if d.Customers != nil {
		p.line("%s", plural(int(*d.Customers), "customer"))
	}
}

func (p *printer) steps(list []store.Migration) {
	rows := make([][]string, len(list))
	for i, step := range list {
		state := "missing"
		if step.Applied {
			state = "taken"
		}
		rows[i] = []string{strconv.FormatInt(step.Version, 10), step.Name, state}
	}
	p.table(rows, 3)
}
