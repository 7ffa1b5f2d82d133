using SoftSwitch.Logging;

namespace SoftSwitch.Tests.State;

public class SwitchPortsTests
{
    private const int Count = 40;

    [Fact]
    public void A_port_that_cannot_be_given_back_is_told_and_ends_neither_the_process_nor_the_others()
    {
        using var running = new MemorySwitch();
        // So many are given back by several threads.
        var endpoints = Enumerable.Range(0, Count).Select(i => new MemoryEndpoint(IsStuck(i) ? Fail : null)).ToArray();
        for (var i = 0; i < Count; i++)
            running.Add($"p{i}", endpoints[i]);

        running.Ports.Remove(running.Ports.All);
        Assert.Empty(running.Ports.All);
        Assert.All(endpoints, endpoint => Assert.Equal(1, endpoint.Disposals));
        var told = running.Lines.Where(line => line.Level == LogLevel.Error).ToList();
        var stuck = Enumerable.Range(0, Count).Where(IsStuck).Select(i => $"port p{i}");
        Assert.Equal(stuck.Order(), told.Select(line => line.Subject!.Name).Order());
        Assert.All(told, line => Assert.StartsWith("internal error, please report it: System.IO.IOException: stuck", line.Message,
            StringComparison.Ordinal));
    }

    private static bool IsStuck(int port) => port % 2 != 0;

    private static void Fail() => throw new IOException("stuck");
}
