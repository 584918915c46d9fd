package auth

import (
	"context"
	"errors"
	"net/http"
)

// A Keeper knows the identity again when the client's next request comes. It belongs to
// one request. Packages signed and ticket have one each.
type Keeper interface {
	// Remember has the response tell the client to come back as id. It fails if the
	// response has begun or id cannot be kept.
	Remember(id Identity) error
	// Forget has the response tell the client to come back as nobody. It fails if the
	// response has begun.
	Forget() error
}

// ErrNoKeeper is the answer of Remember and Forget where no method keeps identities.
var ErrNoKeeper = errors.New("auth: nothing around this handler keeps identities between requests\n" +
	"hint: wrap it in signed.Cookie or ticket.Cookie")

var errNobody = errors.New("auth: an identity without user and roles is nobody, and nobody cannot be remembered")

// keeperKey is the context key of the keeper.
type keeperKey struct{}

// WithKeeper returns a copy of r whose [Remember] and [Forget] are those of k.
func WithKeeper(r *http.Request, k Keeper) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), keeperKey{}, k))
}

// Remember keeps id for the client's next requests, by the innermost keeper around the
// handler of ctx. The identity of the present request stays as it is. Call it before the
// response begins. An identity without user and roles is an error.
func Remember(ctx context.Context, id Identity) error {
	if id.None() {
		return errNobody
	}
	if k, ok := ctx.Value(keeperKey{}).(Keeper); ok {
		return k.Remember(id)
	}
	return ErrNoKeeper
}

// Forget ends what [Remember] began: the client's next requests have no identity.
func Forget(ctx context.Context) error {
	if k, ok := ctx.Value(keeperKey{}).(Keeper); ok {
		return k.Forget()
	}
	return ErrNoKeeper
}
