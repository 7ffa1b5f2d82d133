using System.CommandLine;
using System.Diagnostics;
using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>softswitch upgrade [--dry-run] [--json]</summary>
internal sealed class UpgradeCommand : Command
{
    private const string StatusPath = "v1/status", Restarts = "restarts", Refused = "restartRefused";

    /// <summary>A switch with thousands of ports takes its time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(50);

    public UpgradeCommand(ChangeOptions options) : base("upgrade",
        "Has the program that is installed by now go on in place of the one that runs: ports, leases, connections stay")
    {
        options.AddTo(this, mayExpire: false);
        SetAction(async (parsed, cancel) =>
        {
            if (options.IsDry(parsed))
                return await options.Send(parsed, HttpMethod.Post, ChangeRoutes.UpgradePath[1..], [], null, cancel);
            using var client = options.Client(parsed);
            var (before, _) = await Look(client, cancel);
            var status = await options.Send(parsed, HttpMethod.Post, ChangeRoutes.UpgradePath[1..], [], null, cancel);
            if (status == ExitStatus.Done)
                await Wait(client, before, cancel);
            return status;
        });
    }

    private static async Task Wait(ControlClient client, int before, CancellationToken cancel)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                var (restarts, refusal) = await Look(client, cancel);
                if (refusal is not null)
                    throw new CommandException(ExitStatus.Failed, $"not restarted, the program that ran goes on: {refusal}");
                if (restarts > before)
                    return;
            }
            catch (CommandException e) when (e.MayPass && Stopwatch.GetElapsedTime(since) < s_patience)
            {
                // One program has ended and the other doesn't answer yet.
            }
            if (Stopwatch.GetElapsedTime(since) >= s_patience)
                throw new CommandException(ExitStatus.Failed, "the program that ran goes on: its log says why");
            await Task.Delay(s_betweenLooks, cancel);
        }
    }

    private static async Task<(int Restarts, string? Refusal)> Look(ControlClient client, CancellationToken cancel)
    {
        var status = client.One(StatusView.Members, await client.Text(StatusPath, cancel));
        // The program that runs may be an older one.
        return (status.GetProperty(Restarts).GetInt32(), status.TryGetProperty(Refused, out var refusal) ? refusal.GetString() : null);
    }
}
