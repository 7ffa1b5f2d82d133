using System.Diagnostics;
using System.Runtime.ExceptionServices;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.Lab;

/// <summary>
/// Everyone pings everyone, a thread a station, but only 16 at the same time: a question to somebody who isn't there is flooded to the
/// whole network. A station that must answer is asked again until it does, for some seconds. One that must not is asked as often, as long
/// as the others are, and for half a second at least.
/// </summary>
internal static class ReachCheck
{
    private const int AtOnce = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(150);

    public static Reach Run(LabPlan plan, Func<LabStation, NetworkNamespace> spaceOf, bool isIpv6, CancellationToken stop)
    {
        var reach = new Reach(plan, isIpv6);
        var failure = (Exception?)null;
        using var turns = new SemaphoreSlim(AtOnce);
        var threads = plan.Stations.Select(asker => new Thread(() =>
        {
            turns.Wait();
            try
            {
                Ask(asker, [.. plan.Questions(asker, isIpv6)], spaceOf(asker), reach, stop);
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

    private static void Ask(LabStation asker, IReadOnlyList<LabQuestion> questions, NetworkNamespace space, Reach reach,
        CancellationToken stop)
    {
        var answered = new bool[questions.Count];
        using var probe = new EchoProbe(space, reach.IsIpv6);
        var clock = Stopwatch.StartNew();
        var asked = -s_again;
        while (!stop.IsCancellationRequested && clock.Elapsed < s_patience)
        {
            var complete = Enumerable.Range(0, answered.Length).All(i => answered[i] || !questions[i].MustAnswer);
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
        for (var i = 0; i < answered.Length; i++)
            reach.Record(asker, questions[i], answered[i]);
    }
}
