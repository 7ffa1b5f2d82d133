using System.Diagnostics;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// As root, programs are started as they are. As anyone else, one user, network and mount namespace is made for the
/// whole test process, in which that user is root, and every program of the tests is started inside it by nsenter.
/// A "cat" on a pipe from this process holds the namespaces: they vanish with the test process, however it ends.
/// </summary>
internal static class Privilege
{
    private static readonly Lazy<(Process? Anchor, string? Obstacle)> Namespaces = new(Enter);

    /// <summary>Null when programs can be started with the rights of root; else the reason in a few words.</summary>
    public static string? Obstacle => Environment.IsPrivilegedProcess ? null : Namespaces.Value.Obstacle;

    /// <summary>Arguments to put before a program so that it runs with the rights of root.</summary>
    public static IReadOnlyList<string> Prefix
    {
        get
        {
            if (Environment.IsPrivilegedProcess || Namespaces.Value.Anchor is not { } anchor) return [];
            return
            [
                "nsenter", $"--target={anchor.Id}", "--user", "--preserve-credentials", "--net", "--mount",
                $"--wd={Environment.CurrentDirectory}", "--",
            ];
        }
    }

    private static (Process?, string?) Enter()
    {
        if (Need.Find("unshare") is not { } unshare || Need.Find("nsenter") is null)
            return (null, "unshare and nsenter are missing: apt-get install util-linux");
        var start = new ProcessStartInfo(unshare)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "--user", "--map-root-user", "--net", "--mount", "--propagation", "private", "sh", "-c",
                "PATH=$PATH:/usr/sbin:/sbin; mount -t tmpfs tmpfs /run && mkdir /run/netns && ip link set lo up && echo in && exec cat",
            },
        };
        var anchor = Process.Start(start)!;
        if (anchor.StandardOutput.ReadLine() == "in") return (anchor, null);
        var error = anchor.StandardError.ReadToEnd().Trim();
        anchor.Dispose();
        return (null, error.Length == 0 ? "unshare failed" : error.ReplaceLineEndings("; "));
    }
}
