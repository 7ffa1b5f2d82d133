using SoftSwitch.Kinds;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Logging;
using SoftSwitch.State.Ports;

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

    [Fact]
    public void Ports_of_a_network_that_waits_take_no_part_and_what_would_address_the_host_is_not_opened()
    {
        using var running = new MemorySwitch();
        var (before, behind) = (new MemoryEndpoint(), new MemoryEndpoint());
        var addressed = (TapModel)MemorySwitch.Port("addressed") with { Address = new(new(0x0a000001), 24) };
        var plain = running.Ports.Add(MemorySwitch.Port("plain"), before, running.Bridge, held: "it waits");
        var closed = running.Ports.Add(addressed, behind, running.Bridge, held: "it waits");
        running.Ports.Tick(long.MaxValue);
        foreach (var state in (PortState[])[plain, closed])
            Assert.Equal((PortStatus.Waiting, "it waits"), (state.Status, state.Reason));
        Assert.Equal((1, 0), (before.Openings, behind.Openings));
        Assert.False(running.Bridge.View.Has(plain.Membership!));
        Assert.Empty(running.Lines);

        running.Ports.Hold(running.Bridge, null);
        Assert.Equal([PortStatus.Up, PortStatus.Up], running.Ports.All.Select(state => state.Status));
        Assert.Equal((1, 1), (before.Openings, behind.Openings));
        Assert.True(running.Bridge.View.Has(plain.Membership!));

        // Another switch was quicker.
        running.Ports.Hold(running.Bridge, "again");
        Assert.False(running.Bridge.View.Has(plain.Membership!));
        Assert.Null(closed.Port);
        Assert.Equal(["again", "again"], running.Ports.All.Select(state => state.Reason));
    }

    [Fact]
    public void What_an_endpoint_complains_of_is_told_once_and_shown_as_long_as_it_is_so()
    {
        using var running = new MemorySwitch();
        var endpoint = new MemoryEndpoint { Complaining = "this can't be turned off" };
        var port = running.Add("p", endpoint);
        for (var second = 0; second < 5; second++)
            running.Ports.Tick(second * 1000);
        Assert.Equal("this can't be turned off", Assert.Single(running.Lines, line => line.Level == LogLevel.Warning).Message);
        Assert.Equal((PortStatus.Up, "this can't be turned off"), Shown());
        endpoint.Stating = static () => EndpointState.Waiting;
        endpoint.Changed();
        Assert.Equal((PortStatus.Waiting, null), Shown());
        (endpoint.Stating, endpoint.Complaining) = (static () => EndpointState.Up, null);
        running.Ports.Tick(5000);
        endpoint.Changed();
        Assert.Equal((PortStatus.Up, null), Shown());

        (PortStatus, string?) Shown()
        {
            var shown = port.Look(static () => { });
            return (shown.Status, shown.Reason);
        }
    }

    [Fact]
    public void What_one_port_s_tick_throws_costs_that_port_and_it_is_tried_again()
    {
        using var running = new MemorySwitch();
        var (endpoints, states) = Three(running);
        endpoints[1].Ticking = () => throw new InvalidDataException("planted");
        running.Ports.Tick(0);
        Assert.Equal([1, 1, 1], endpoints.Select(endpoint => endpoint.Ticks));
        Assert.Equal([PortStatus.Up, PortStatus.Failed, PortStatus.Up], states.Select(state => state.Status));
        Assert.Contains("planted", Assert.Single(running.Lines, line => line.Level == LogLevel.Error).Message);

        endpoints[1].Ticking = null;
        running.Ports.Tick(long.MaxValue);
        Assert.Equal([PortStatus.Up, PortStatus.Up, PortStatus.Up], states.Select(state => state.Status));
        Assert.Equal([1, 2, 1], endpoints.Select(endpoint => endpoint.Openings));
    }

    [Fact]
    public void What_one_port_s_news_throws_costs_that_port()
    {
        using var running = new MemorySwitch();
        var (endpoints, states) = Three(running);
        endpoints[1].Stating = () => throw new InvalidDataException("planted");
        foreach (var endpoint in endpoints)
            endpoint.Changed();
        Assert.Equal([PortStatus.Up, PortStatus.Failed, PortStatus.Up], states.Select(state => state.Status));
        Assert.Contains("planted", states[1].Reason);
    }

    [Fact]
    public void What_trying_a_port_again_throws_is_its_own_whatever_it_is()
    {
        using var running = new MemorySwitch();
        var (endpoints, states) = Three(running);
        endpoints[1].Opening = () => throw new IOException("planted");
        foreach (var endpoint in endpoints)
        {
            endpoint.Stating = () => EndpointState.Gone;
            endpoint.Changed();
            endpoint.Stating = () => EndpointState.Up;
        }
        running.Ports.Tick(long.MaxValue);
        Assert.Equal([PortStatus.Up, PortStatus.Failed, PortStatus.Up], states.Select(state => state.Status));
        Assert.Contains("planted", states[1].Reason);
    }

    [Fact]
    public void Where_one_port_s_drops_cannot_be_asked_for_it_stays_up_and_the_others_are_asked()
    {
        using var running = new MemorySwitch();
        var (endpoints, states) = Three(running);
        var asked = 0;
        foreach (var endpoint in endpoints)
            endpoint.Dropping = () => asked++ == 1 ? throw new InvalidDataException("planted") : new(7, 0);
        running.Ports.Tick(0);
        Assert.Equal(3, asked);
        Assert.All(states, state => Assert.Equal(PortStatus.Up, state.Status));
        Assert.Contains("planted", Assert.Single(running.Lines, line => line.Level == LogLevel.Error).Message);
    }

    /// <summary>An interface is made, the rest is refused, the interface goes: all of that is news by its name.</summary>
    [Fact]
    public void A_port_whose_opening_makes_news_is_not_its_own_reason_to_be_tried_at_once()
    {
        using var running = new MemorySwitch();
        var (endpoints, states) = Three(running);
        endpoints[1].Opening = () => throw new IOException("refused behind the interface");
        endpoints[1].Stating = () => EndpointState.Gone;
        endpoints[1].Changed();
        for (var news = 0; news < 100; news++)
            running.Ports.Heard(new HashSet<string> { "memory" });
        Assert.Equal(PortStatus.Failed, states[1].Status);
        Assert.InRange(endpoints[1].Openings, 1, 3);
    }

    private static (MemoryEndpoint[] Endpoints, PortState[] States) Three(MemorySwitch running)
    {
        MemoryEndpoint[] endpoints = [new(), new(), new()];
        return (endpoints, [.. endpoints.Select((endpoint, i) => running.Add($"p{i}", endpoint))]);
    }

    private static bool IsStuck(int port) => port % 2 != 0;

    private static void Fail() => throw new IOException("stuck");
}
