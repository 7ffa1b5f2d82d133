using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>
/// What a person can do about a refusal for want of rights, in a few words that follow "permission denied (". Only what this machine has is
/// advised: sudo or doas where it is installed, capabilities where there is a setcap, a group that exists.
/// </summary>
/// <param name="user">The effective user of the process that was refused.</param>
/// <param name="hasProgram">Whether a program is installed.</param>
/// <param name="executable">The path of the program that was refused, where it is an executable of its own; else null.</param>
/// <param name="needs">All that the program needs for its work.</param>
public sealed class Remedy(uint user, Func<string, bool> hasProgram, string? executable, IReadOnlyCollection<Capability> needs)
{
    /// <summary>What a switch needs while nothing is known of its file.</summary>
    private static Capability[] s_needs = [Linux.Capability.NetAdmin, Linux.Capability.NetRaw];

    private static readonly Lazy<Remedy> s_found = new(static () => new(Libc.geteuid(), IsInstalled, OwnExecutable(), s_needs));

    /// <summary>For this process on this machine.</summary>
    public static Remedy Here => s_found.Value;

    /// <summary>For another user of this machine.</summary>
    public static Remedy Of(uint user) => new(user, IsInstalled, null, []);

    /// <summary>Of this process: all that it needs. To be said before the first refusal.</summary>
    public static void Needs(Capability[] all) => s_needs = all;

    /// <summary>The cure for a call that needs a capability; for every errno but a lack of it, the general cure.</summary>
    public static Func<int, string?> Lacking(Capability capability) => errno => errno == Errno.EPERM ? Here.Capability(capability) : null;

    /// <summary>The word to put before a command so that root runs it, with a blank; empty where there is none, or none is
    /// needed.</summary>
    private string Before => user == 0 ? "" : hasProgram("sudo") ? "sudo " : hasProgram("doas") ? "doas " : "";

    /// <summary>How to become root: "use sudo".</summary>
    public string Root => Before.Length > 0 ? $"use {Before.TrimEnd()}" : "run it as root";

    /// <summary>What to do where a capability was missing.</summary>
    public string Capability(Capability missing)
    {
        // Of a container or a user namespace: more than root nobody can become in it.
        if (user == 0)
            return $"root lacks {missing.Name()} here: in a container, start that with --cap-add {missing.Name()["CAP_".Length..]}; "
                + "in a user namespace, run it outside";
        if (!hasProgram("setcap") || executable is null)
            return Root;
        // It replaces what the file has: all that is needed goes into one line.
        var all = needs.Append(missing).Distinct().Order().Select(capability => capability.Name().ToLowerInvariant());
        return $"{Root}, or give it the right: {Before}setcap {string.Join(',', all)}+ep {executable}";
    }

    /// <summary>What to do where a file is closed to this user that a group may use.</summary>
    /// <param name="group">The group's name, and null where this machine has none of that name or it isn't the file's.</param>
    /// <param name="userName">The name of the user who was refused; null: not known.</param>
    /// <param name="isListed">The user is a member of the group, and was refused all the same.</param>
    public string Group(string? group, string? userName, bool isListed)
    {
        if (group is null)
            return Root;
        if (isListed)
            return $"{userName} is in the group {group}, but was not yet when this session began: log in again, or {Root}";
        var join = hasProgram("usermod") ? $"usermod -aG {group} {userName ?? "USER"}"
            : hasProgram("addgroup") ? $"addgroup {userName ?? "USER"} {group}"
            : null;
        return join is null ? $"{Root}, or join the group {group}" : $"{Root}, or join its group: {Before}{join}, then log in again";
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/sbin", "/usr/bin", "/bin"]).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>The executable that may be given a capability; not the runtime's starter, or everybody would have the capability.</summary>
    private static string? OwnExecutable() => Environment.ProcessPath is { } path && Path.GetFileName(path) != "dotnet" ? path : null;
}
