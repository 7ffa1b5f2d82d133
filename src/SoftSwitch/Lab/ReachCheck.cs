using System.Diagnostics;
using System.Net;
using System.Runtime.ExceptionServices;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.Lab;

/// <summary>
/// Everyone pings everyone, a thread a station, up to 16 at the same time: a question to somebody who isn't there is flooded to the whole network. Whoever must answer is asked again until it does, for some seconds; whoever must not is
/// asked as often, while the others still are and for half a second at least.
/// </summary>
internal static class ReachCheck
{
    private const int AtOnce = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(150);

    public static Reach Run(IReadOnlyList<LabStation> stations, Func<LabStation, NetworkNamespace> spaceOf, bool isIpv6, CancellationToken stop)
    {
        var reach = new Reach(isIpv6 ? "IPv6" : "IPv4", stations);
        var failure = (Exception?)null;
        using var turns = new SemaphoreSlim(AtOnce);
        var threads = stations.Select(asker => new Thread(() =>
        {
            turns.Wait();
            try
            {
                Ask(asker, stations, spaceOf(asker), isIpv6, reach, stop);
            }
            catch (Exception e)
            {
                failure = e;
            }
            finally
            {
                turns.Release();
            }
        }) { IsBackground = true, Name = $"ping {asker.Name}" }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        stop.ThrowIfCancellationRequested();
        return reach;
    }

    private static void Ask(
        LabStation asker, IReadOnlyList<LabStation> stations, NetworkNamespace space, bool isIpv6, Reach reach, CancellationToken stop)
    {
        var questions = stations.Where(other => other != asker)
            .SelectMany(other => Addresses(asker, other, isIpv6).Select(address => (Other: other, Address: address))).ToList();
        var answered = new bool[questions.Count];
        using var probe = new EchoProbe(space, isIpv6);
        var clock = Stopwatch.StartNew();
        var asked = -s_again;
        while (!stop.IsCancellationRequested && clock.Elapsed < s_patience)
        {
            var complete = Enumerable.Range(0, answered.Length).All(i => answered[i] || !asker.MustReach(questions[i].Other));
            if (complete && clock.Elapsed >= s_silence)
                break;
            if (clock.Elapsed - asked >= s_again)
            {
                asked = clock.Elapsed;
                for (var i = 0; i < answered.Length; i++)
                {
                    if (!answered[i])
                        probe.Ask(questions[i].Address, (ushort)i);
                }
            }
            if (probe.Listen(TimeSpan.FromMilliseconds(50)) is { } answer && answer.Sequence < answered.Length
                && questions[answer.Sequence].Address.Equals(answer.Address))
                answered[answer.Sequence] = true;
        }
        foreach (var other in stations)
        {
            var own = Enumerable.Range(0, answered.Length).Where(i => questions[i].Other == other).ToList();
            reach.Record(asker, other, own.TrueForAll(i => answered[i]), own.Exists(i => answered[i]));
        }
    }

    private static IEnumerable<IPAddress> Addresses(LabStation asker, LabStation other, bool isIpv6)
    {
        yield return isIpv6 ? other.Ipv6 : other.Ipv4Address;
        // The file's own addresses, for those whom it makes neighbours.
        if (!isIpv6 && asker.MustReach(other) && asker.Own is { } mine && other.Own is { } theirs
            && mine.Subnet == theirs.Subnet && mine.Address != theirs.Address)
            yield return IPAddress.Parse(theirs.Address.ToString());
    }
}
