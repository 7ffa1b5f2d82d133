using System.CommandLine;
using System.Diagnostics;
using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>softswitch upgrade [--dry-run] [--json]</summary>
internal sealed class UpgradeCommand : Command
{
    private const string StatusPath = "v1/status", Restarts = "restarts";

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
            var before = await RestartsOf(client, cancel);
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
                if (await RestartsOf(client, cancel) > before)
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

    private static async Task<int> RestartsOf(ControlClient client, CancellationToken cancel) =>
        client.One(StatusView.Members, await client.Text(StatusPath, cancel)).GetProperty(Restarts).GetInt32();
}
