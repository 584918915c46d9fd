package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func newEchoCommand(std stdio) *cobra.Command {
	given := defaultConfig()
	cmd := &cobra.Command{
		Use:   "echo",
		Short: "Answer every request with the request",
		Long: `echo answers every request with what it was: method, address, fields, trailers and the
beginning of the body, as text, or as JSON where the client accepts that. All of it
is recorded, so that clients and webhooks can be looked at.`,
		Example: `  pastedev echo
  pastedev echo --addr 127.0.0.1:9000
  curl -s -H 'Accept: application/json' -d hello localhost:8000/hook | jq .`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := os.Getwd()
			if err != nil {
				return err
			}
			f := serveFlags{mounts: []string{"/=" + string(mountEcho) + ":"}}
			return runServe(cmd.Context(), std, dir, func() (config, setup, error) {
				c, err := loadConfig(dir, cmd.Flags(), os.Getenv)
				if err != nil {
					return c, setup{}, err
				}
				linesWanted(cmd, &c)
				set, err := f.setup(dir, c, nil)
				return c, set, err
			})
		},
	}
	given.bind(cmd.Flags())
	withoutUse(cmd, strings.Fields(groupTarget.names+" "+groupEdits.names+" "+groupGo.names)...) // there is no app
	return cmd
}
