using SoftSwitch.Linux.Control;
using SoftSwitch.Model;

namespace SoftSwitch.Persistence;

/// <summary>Where what must survive is kept: the file's `state`, else the place that belongs to this user.</summary>
internal static class StateFolder
{
    /// <summary>Of a switch that root started.</summary>
    public const string OfRoot = "/var/lib/softswitch";

    /// <summary>An absolute path; null: not root, and no place known that is this user's.</summary>
    public static string? Of(SwitchModel model) => Resolve(model.State, Environment.GetEnvironmentVariable, ControlSocket.CurrentUser);

    /// <remarks>XDG Base Directory Specification: a variable that isn't an absolute path counts as not set.</remarks>
    internal static string? Resolve(string? named, Func<string, string?> environment, uint user) =>
        named is not null ? named
        : user == 0 ? OfRoot
        : environment("XDG_STATE_HOME") is { } state && state.StartsWith('/') ? Path.Combine(state, "softswitch")
        : environment("HOME") is { } home && home.StartsWith('/') ? Path.Combine(home, ".local/state/softswitch")
        : null;
}
