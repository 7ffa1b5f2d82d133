using SoftSwitch.Errors;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Cli;

/// <summary>
/// Which control socket is meant: the option, else the environment, else the place that belongs to this user. A switch is started in one
/// place. A client that nobody told where to ask looks there first, and then where the system's switch answers, so that `show` finds a
/// switch that root runs.
/// </summary>
internal sealed record SocketPath
{
    public const string Variable = "SOFTSWITCH_SOCKET";

    /// <summary>Where a switch that root started answers.</summary>
    public const string OfRoot = "/run/softswitch/control.sock";

    /// <summary>Where to ask, in this order, until somebody answers; at least one.</summary>
    public required IReadOnlyList<string> Places { get; init; }

    /// <summary>What named the place, `--socket` or the variable, for the message when nobody answers there. Null: it is the usual
    /// one.</summary>
    public string? NamedBy { get; init; }

    /// <summary>Where a switch is to answer.</summary>
    /// <exception cref="CommandException">Not root, and no place known where a socket of this user could be.</exception>
    public static string ForSwitch(string? option) =>
        ForSwitch(option, Environment.GetEnvironmentVariable, ControlSocket.CurrentUser, Directory.Exists);

    /// <summary>Where to ask for a running switch.</summary>
    public static SocketPath ForClient(string? option) =>
        ForClient(option, Environment.GetEnvironmentVariable, ControlSocket.CurrentUser, Directory.Exists);

    internal static string ForSwitch(string? option, Func<string, string?> environment, uint user, Func<string, bool> exists) =>
        Named(option, environment)?.Places[0] ?? Own(environment, user, exists) ?? throw new CommandException(ExitStatus.Mistake,
            $"no place for the control socket: XDG_RUNTIME_DIR is not set, and there is no /run/user/{user}; "
                + $"name one with --socket PATH or {Variable}");

    internal static SocketPath ForClient(string? option, Func<string, string?> environment, uint user, Func<string, bool> exists) =>
        Named(option, environment) ?? new()
        {
            Places = Own(environment, user, exists) is { } own && own != OfRoot ? [own, OfRoot] : [OfRoot],
        };

    private static SocketPath? Named(string? option, Func<string, string?> environment)
    {
        if (option is "")
            throw new CommandException(ExitStatus.Mistake, "--socket takes the path of a socket");
        if (option is not null)
            return new() { Places = [option], NamedBy = "--socket" };
        return environment(Variable) is { Length: > 0 } named ? new() { Places = [named], NamedBy = Variable } : null;
    }

    /// <summary>The place of this user; null where there is none.</summary>
    private static string? Own(Func<string, string?> environment, uint user, Func<string, bool> exists)
    {
        if (user == 0)
            return OfRoot;
        if (environment("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
            return Path.Combine(runtime, "softswitch.sock");
        // su and cron leave the variable unset, and the folder is there all the same.
        var usual = $"/run/user/{user}";
        return exists(usual) ? Path.Combine(usual, "softswitch.sock") : null;
    }
}
