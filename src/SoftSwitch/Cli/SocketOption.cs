using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>--socket PATH, of every command.</summary>
internal sealed class SocketOption : Option<string>
{
    public SocketOption() : base("--socket")
    {
        Description = $"The control socket (or {SocketPath.Variable}; default {SocketPath.OfRoot}, without root $XDG_RUNTIME_DIR/softswitch.sock)";
        HelpName = "PATH";
        Recursive = true;
    }

    /// <summary>The path that is meant.</summary>
    public string PathIn(ParseResult parsed) => SocketPath.Resolve(parsed.GetValue(this));
}
