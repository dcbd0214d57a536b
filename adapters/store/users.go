package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Role is what a user may do. The Python backend knows admins only: its other
// users are analysts.
type Role string

// The roles, from the least to the most.
const (
	Viewer  Role = "viewer"
	Analyst Role = "analyst"
	Admin   Role = "admin"
)

// ParseRole reads the name of a role.
func ParseRole(name string) (Role, error) {
	if r := Role(name); slices.Contains([]Role{Viewer, Analyst, Admin}, r) {
		return r, nil
	}
	return "", failed(context.Background(), "read a role", invalid("the role must be viewer, analyst or admin, got %q", name))
}

// User is someone who can log in. No password is in it, and no hash.
type User struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
	Role     Role   `json:"role"`
	Tenant   string `json:"tenant_id"`
	Active   bool   `json:"is_active"`
	// LastLogin is zero before the first one.
	LastLogin time.Time `json:"last_login,omitzero"`
	CreatedAt time.Time `json:"created_at"`
}

// NewUser is a user to add.
type NewUser struct {
	// Username is told apart by its bytes: by case, and by how an accent is
	// written.
	Username string
	// Email may be empty.
	Email string
	// Password has 8 to 1,024 bytes.
	Password string
	// Role is Analyst when empty.
	Role Role
	// Tenant is the user name when empty, as in the Python backend: calls are
	// counted for a tenant.
	Tenant string
}

const (
	usersTable    = "users"
	leastPassword = 8
	mostPassword  = 1024
)

// userRow is a user as stored.
type userRow struct {
	ID        int64          `db:"id"`
	Username  string         `db:"username"`
	Email     sql.NullString `db:"email"`
	Hash      string         `db:"hashed_password"`
	Active    bool           `db:"is_active"`
	Admin     bool           `db:"is_admin"`
	Role      sql.NullString `db:"role"`
	Tenant    sql.NullString `db:"tenant_id"`
	LastLogin moment         `db:"last_login"`
	CreatedAt moment         `db:"created_at"`
}

const selectUsers = `SELECT id, username, email, hashed_password, COALESCE(is_active, true) AS is_active,
	COALESCE(is_admin, false) AS is_admin, role, tenant_id, last_login, created_at FROM users`

// user maps the two columns of the role: is_admin, which the Python backend
// writes too, decides who is an admin.
func (r *userRow) user() *User {
	role := Analyst
	switch {
	case r.Admin:
		role = Admin
	case r.Role.String == string(Viewer):
		role = Viewer
	}
	return &User{
		ID: r.ID, Username: r.Username, Email: r.Email.String, Role: role, Tenant: cmp.Or(r.Tenant.String, r.Username), Active: r.Active,
		LastLogin: r.LastLogin.Time, CreatedAt: r.CreatedAt.Time,
	}
}

func (t *tx) user(username string) (*userRow, error) {
	row := new(userRow)
	err := t.get(row, selectUsers+" WHERE username = ?", username)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault(ErrNotFound, "there is no user %q", username)
	}
	return row, err
}

func checkPassword(password string) error {
	if n := len(password); n < leastPassword || n > mostPassword {
		return invalid("the password must have %d to %d bytes, got %d", leastPassword, mostPassword, n)
	}
	return nil
}

func (u *NewUser) check() error {
	if u.Role == "" {
		u.Role = Analyst
	}
	u.Tenant = cmp.Or(u.Tenant, u.Username)
	if _, err := ParseRole(string(u.Role)); err != nil {
		return err
	}
	if u.Email != "" && !strings.Contains(u.Email, "@") {
		return invalid("the e-mail address must have an @, got %q", u.Email)
	}
	if err := checkTexts(checked{"the user name", u.Username, 1, maxName}, checked{"the e-mail address", u.Email, 0, 254},
		checked{"the tenant", u.Tenant, 0, maxName}); err != nil {
		return err
	}
	// Two names must not differ by a character that nobody sees.
	for _, c := range []checked{{name: "the user name", text: u.Username}, {name: "the e-mail address", text: u.Email}, {name: "the tenant", text: u.Tenant}} {
		if strings.TrimSpace(c.text) != c.text || strings.ContainsFunc(c.text, hidden) {
			return invalid("%s must not begin or end with a space, or hold characters that do not show, got %q", c.name, c.text)
		}
	}
	return checkPassword(u.Password)
}

// hidden also finds the spaces that look like a common one.
func hidden(r rune) bool { return !unicode.IsPrint(r) }

// AddUser adds a user. A name or an e-mail address that is taken is an
// [ErrConflict].
func (s *Store) AddUser(ctx context.Context, who Actor, u NewUser) (*User, error) {
	const op = "add a user"
	if err := u.check(); err != nil {
		return nil, failed(ctx, op, err)
	}
	hash, err := s.passwords.hash(ctx, u.Password)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	var added *User
	err = s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(usersTable); err != nil {
			return err
		}
		var taken int
		if err := t.get(&taken, "SELECT COUNT(*) FROM users WHERE username = ? OR email = ?", u.Username, orNull(u.Email)); err != nil {
			return err
		}
		if taken > 0 {
			return fault(ErrConflict, "the user name %q or the e-mail address is taken", u.Username)
		}
		_, err := t.exec(`INSERT INTO users (username, email, hashed_password, is_active, is_admin, role, tenant_id, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, u.Username, orNull(u.Email), hash, true, u.Role == Admin, string(u.Role), u.Tenant, t.now)
		if err != nil {
			return err
		}
		row, err := t.user(u.Username)
		if err != nil {
			return err
		}
		added = row.user()
		return t.audit(who, change{table: usersTable, record: u.Username, action: "INSERT", new: added})
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// User finds a user, also one who is disabled.
func (s *Store) User(ctx context.Context, username string) (*User, error) {
	const op = "find a user"
	if err := checkText("the user name", username, 1, maxName); err != nil {
		return nil, failed(ctx, op, err)
	}
	var row *userRow
	err := s.read(ctx, op, func(t *tx) (err error) {
		row, err = t.user(username)
		return err
	})
	if err != nil {
		return nil, err
	}
	return row.user(), nil
}

// Users lists users by name, in the order of the database, from the one after a
// name on; "" begins with the first.
func (s *Store) Users(ctx context.Context, after string, limit int) ([]User, error) {
	const op = "list users"
	limit, err := pageSize(limit)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	var rows []userRow
	err = s.read(ctx, op, func(t *tx) error {
		return t.list(&rows, selectUsers+" WHERE username > ? ORDER BY username LIMIT ?", after, limit)
	})
	list := make([]User, len(rows))
	for i := range rows {
		list[i] = *rows[i].user()
	}
	return list, err
}

// SetPassword replaces the password of a user.
func (s *Store) SetPassword(ctx context.Context, who Actor, username, password string) error {
	const op = "set a password"
	if err := checkPassword(password); err != nil {
		return failed(ctx, op, err)
	}
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return failed(ctx, op, err)
	}
	return s.changeUser(ctx, op, who, username, "PASSWORD", "hashed_password = ?", hash)
}

// SetActive enables or disables a user. Who is disabled cannot log in. The last
// admin can be disabled too: users are kept by those who have the database.
func (s *Store) SetActive(ctx context.Context, who Actor, username string, active bool) error {
	return s.changeUser(ctx, "enable or disable a user", who, username, "UPDATE", "is_active = ?", active)
}

// SetRole gives a user another role.
func (s *Store) SetRole(ctx context.Context, who Actor, username string, role Role) error {
	const op = "set the role of a user"
	if _, err := ParseRole(string(role)); err != nil {
		return failed(ctx, op, err)
	}
	return s.changeUser(ctx, op, who, username, "UPDATE", "is_admin = ?, role = ?", role == Admin, string(role))
}

// changeUser sets columns of a user and logs the user before and after.
func (s *Store) changeUser(ctx context.Context, op string, who Actor, username, action, set string, values ...any) error {
	return s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(usersTable); err != nil {
			return err
		}
		before, err := t.user(username)
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE users SET "+set+" WHERE id = ?", append(values, before.ID)...); err != nil {
			return err
		}
		after, err := t.user(username)
		if err != nil {
			return err
		}
		return t.audit(who, change{table: usersTable, record: username, action: action, old: before.user(), new: after.user()})
	})
}

// Authenticate finds the user with a name and password, and notes the login. An
// unknown name, a wrong password and a disabled user are the same
// [ErrCredentials], after the same work. A hash of the Python backend, or of
// older parameters, is replaced.
func (s *Store) Authenticate(ctx context.Context, username, password string) (*User, error) {
	if checkText("", username, 1, maxName) != nil || len(password) > mostPassword {
		username, password = "", "" // nobody
	}
	const attempts = 3
	for range attempts {
		u, err := s.authenticate(ctx, username, password)
		if !errors.Is(err, errChanged) {
			return u, failed(ctx, opLogin, err)
		}
	}
	return nil, &Error{Op: opLogin, Kind: ErrCredentials}
}

const opLogin = "log in"

// errChanged says that the user was changed while the password was checked,
// perhaps by another login that replaced the hash.
var errChanged = errors.New("the user was changed meanwhile")

func (s *Store) authenticate(ctx context.Context, username, password string) (*User, error) {
	row, known, err := s.findLogin(ctx, username)
	if err != nil {
		return nil, err
	}
	ok, outdated, err := s.passwords.verify(ctx, password, known)
	if err != nil {
		return nil, err
	}
	if !ok || !row.Active {
		return nil, &Error{Op: opLogin, Kind: ErrCredentials}
	}
	hash := row.Hash
	if outdated {
		if hash, err = s.passwords.hash(ctx, password); err != nil {
			return nil, err
		}
	}
	return s.noteLogin(ctx, row, hash)
}

// findLogin reads what is known of a name; row is nil for nobody.
func (s *Store) findLogin(ctx context.Context, username string) (row *userRow, known login, err error) {
	err = s.read(ctx, opLogin, func(t *tx) error {
		found, err := t.user(username)
		if err == nil {
			row, known.stored = found, found.Hash
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		return t.get(&known.legacy, `SELECT COALESCE(MAX(SUBSTR(hashed_password, 5, 2)), '') FROM users
			WHERE SUBSTR(hashed_password, 1, 2) = '$2' AND SUBSTR(hashed_password, 5, 2) BETWEEN '04' AND '16'`)
	})
	return row, known, err
}

// noteLogin stores the time of a login and perhaps a newer hash, unless the user
// was changed meanwhile.
func (s *Store) noteLogin(ctx context.Context, row *userRow, hash string) (*User, error) {
	u := row.user()
	err := s.write(ctx, opLogin, func(t *tx) error {
		if _, err := t.lockChain(usersTable); err != nil {
			return err
		}
		u.LastLogin = t.now
		n, err := t.exec("UPDATE users SET last_login = ?, hashed_password = ? WHERE id = ? AND hashed_password = ? AND COALESCE(is_active, true)",
			t.now, hash, row.ID, row.Hash)
		if err != nil {
			return err
		}
		if n == 0 {
			return errChanged
		}
		return t.audit(Actor{User: u.Username, Tenant: u.Tenant}, change{table: usersTable, record: u.Username, action: "LOGIN"})
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}
