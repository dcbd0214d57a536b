package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/cohortlens/cohortlens/adapters/service"
	"github.com/cohortlens/cohortlens/adapters/store"
)

// passwordNote is part of the help of commands that need a password.
const passwordNote = `
The password is asked for on a terminal; otherwise it is the line on standard
input. It has 8 to 1,024 bytes.`

var userCommands = []command{
	{
		name: "user add", usage: "add someone who can log in", takes: "NAME", arguments: 1,
		description: `Adds a user. A viewer may read, an analyst may do all but administer, an admin
may do all.
` + passwordNote + `

   cohortlens user add ann --role admin
   cohortlens user add bob --email bob@example.com --tenant acme < password.txt` + databaseNote,
		flags: []flagSpec{
			text("role", "R", "give the role `R`: viewer, analyst (the default) or admin", inputGroup),
			text("email", "E", "the e-mail address `E`", inputGroup),
			text("tenant", "T", "of the tenant `T`; NAME when not given", inputGroup),
			databaseFlag, jsonFlag,
		},
		run: (*session).addUser,
	},
	{
		name: "user list", usage: "list users",
		description: `Lists users by name, with their roles and when they logged in last.

   cohortlens user list --json` + databaseNote,
		flags: []flagSpec{databaseFlag, jsonFlag}, run: (*session).listUsers,
	},
	{
		name: "user disable", usage: "keep a user from logging in", takes: "NAME", arguments: 1,
		description: `Keeps a user from logging in. The user stays, and can be enabled again.

   cohortlens user disable bob` + databaseNote,
		flags: []flagSpec{databaseFlag, jsonFlag},
		run:   func(s *session) error { return s.setActive(false) },
	},
	{
		name: "user enable", usage: "let a disabled user log in again", takes: "NAME", arguments: 1,
		description: `Lets a user who was disabled log in again.

   cohortlens user enable bob` + databaseNote,
		flags: []flagSpec{databaseFlag, jsonFlag},
		run:   func(s *session) error { return s.setActive(true) },
	},
	{
		name: "user passwd", usage: "replace the password of a user", takes: "NAME", arguments: 1,
		description: `Replaces the password of a user.
` + passwordNote + `

   cohortlens user passwd ann` + databaseNote,
		flags: []flagSpec{databaseFlag, jsonFlag}, run: (*session).setPassword,
	},
}

func (s *session) addUser() error {
	return s.onUser(func(ctx context.Context, svc *service.Service, name string) (*store.User, error) {
		password, err := s.password()
		if err != nil {
			return nil, err
		}
		return svc.AddUser(ctx, store.NewUser{
			Username: name, Email: s.flags.String("email"), Password: password,
			Role: store.Role(s.flags.String("role")), Tenant: s.flags.String("tenant"),
		})
	}, func(p *printer, u *store.User) { p.line("%s was added (%s).", u.Username, u.Role) })
}

func (s *session) listUsers() error {
	return answer(s, func(ctx context.Context, svc *service.Service) (*service.UsersDocument, error) {
		return svc.Users(ctx)
	}, (*printer).users)
}

func (s *session) setActive(active bool) error {
	return s.onUser(func(ctx context.Context, svc *service.Service, name string) (*store.User, error) {
		return svc.SetActive(ctx, name, active)
	}, func(p *printer, u *store.User) {
		if u.Active {
			p.line("%s can log in.", u.Username)
		} else {
			p.line("%s cannot log in any more.", u.Username)
		}
	})
}

func (s *session) setPassword() error {
	return s.onUser(func(ctx context.Context, svc *service.Service, name string) (*store.User, error) {
		password, err := s.password()
		if err != nil {
			return nil, err
		}
		return svc.SetPassword(ctx, name, password)
	}, func(p *printer, u *store.User) { p.line("%s has a new password.", u.Username) })
}

// onUser does something to the user whom the argument names.
func (s *session) onUser(do func(ctx context.Context, svc *service.Service, name string) (*store.User, error), human func(*printer, *store.User)) error {
	name := s.flags.Args().First()
	if name == "" {
		return &usageError{message: "name the user", hint: fmt.Sprintf("cohortlens %s NAME", s.command.name)}
	}
	return answer(s, func(ctx context.Context, svc *service.Service) (*store.User, error) { return do(ctx, svc, name) }, human)
}

func (p *printer) users(d *service.UsersDocument) {
	if d.Count == 0 {
		p.line("There are no users.")
		return
	}
	rows := [][]string{{"user", "role", "tenant", "e-mail", "state", "last login (UTC)"}}
	for _, u := range d.Users {
		state := "active"
		if !u.Active {
			state = "disabled"
		}
		rows = append(rows, []string{u.Username, string(u.Role), orDash(u.Tenant), orDash(u.Email), state, instant(u.LastLogin)})
	}
	p.table(rows, len(rows[0]))
}

// instant writes a time in UTC, and a dash for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateTime)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
