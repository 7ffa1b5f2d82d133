using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>--socket PATH, behind the commands that have to do with a running switch, or before them.</summary>
internal sealed class SocketOption : Option<string>
{
    public SocketOption() : base("--socket")
    {
        Description = $"The control socket (or {SocketPath.Variable}; default {SocketPath.OfRoot}, "
            + "without root $XDG_RUNTIME_DIR/softswitch.sock)";
        HelpName = "PATH";
    }

    /// <summary>Where `run` puts the socket.</summary>
    public string OfSwitch(ParseResult parsed) => SocketPath.ForSwitch(parsed.GetValue(this));

    /// <summary>Where clients ask.</summary>
    public SocketPath OfClient(ParseResult parsed) => SocketPath.ForClient(parsed.GetValue(this));
}
