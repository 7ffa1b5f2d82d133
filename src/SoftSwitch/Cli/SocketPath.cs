using SoftSwitch.Linux.Control;

namespace SoftSwitch.Cli;

/// <summary>Which control socket is meant: the option, else the environment, else the place that belongs to this user.</summary>
internal static class SocketPath
{
    public const string Variable = "SOFTSWITCH_SOCKET";

    /// <summary>Where a switch that root started answers.</summary>
    public const string OfRoot = "/run/softswitch/control.sock";

    /// <exception cref="CommandException">Not root, and no place known where a socket of this user could be.</exception>
    public static string Resolve(string? option) =>
        Resolve(option, Environment.GetEnvironmentVariable, ControlSocket.CurrentUser, Directory.Exists);

    internal static string Resolve(string? option, Func<string, string?> environment, uint user, Func<string, bool> exists)
    {
        if (option is not null)
            return option.Length > 0 ? option : throw new CommandException(ExitStatus.Mistake, "--socket takes the path of a socket");
        if (environment(Variable) is { Length: > 0 } named)
            return named;
        if (user == 0)
            return OfRoot;
        if (environment("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
            return Path.Combine(runtime, "softswitch.sock");
        var usual = $"/run/user/{user}";
        return exists(usual)
            ? Path.Combine(usual, "softswitch.sock")
            : throw new CommandException(ExitStatus.Mistake,
                $"no place for the control socket: XDG_RUNTIME_DIR is not set; name one with --socket PATH or {Variable}");
    }
}
