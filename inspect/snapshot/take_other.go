//go:build !linux || (!amd64 && !arm64)

package snapshot

import (
	"context"
	"runtime"
)

// Take is not possible on this system: it returns an error of KindUnsupported.
func Take(context.Context, TakeOptions) (Info, error) {
	return Info{}, fail(KindUnsupported, nil, "locals are off: snapshots need Linux on amd64 or arm64, this is %s/%s",
		runtime.GOOS, runtime.GOARCH)
}

// OpenLive is not possible on this system: it returns an error of KindUnsupported.
func OpenLive(context.Context, int, string, LoadConfig) (*Snapshot, error) {
	return nil, fail(KindUnsupported, nil, "locals are off: reading a process needs Linux on amd64 or arm64, this is %s/%s",
		runtime.GOOS, runtime.GOARCH)
}
