using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.State;

/// <summary>The address of the guest behind a port, found by a second at a time: who answers is said, and what it comes to.</summary>
public class GuestAddressTests
{
    private readonly HashSet<string> _living = [];
    private readonly List<Ipv4Address> _questions = [];
    private GuestAddress _guest = null!;
    private Instant _now = new(1_000_000);
    private bool _areAsked = true;

    [Fact]
    public void What_was_remembered_is_the_target_at_once_and_stays_it_while_nobody_answers()
    {
        Begin("10.10.0.5", "10.10.0.6");
        Assert.Equal("10.10.0.5", Target);
        Pass(2);
        Assert.False(_guest.Answers);
        Assert.Contains("10.10.0.5", Asked);
        Pass(120);
        Assert.Equal(("10.10.0.5", false, false), (Target, _guest.Answers, _guest.IsInVain));
    }

    [Fact]
    public void Of_those_remembered_the_one_that_answers_is_the_target_within_seconds()
    {
        Begin("10.10.0.5", "10.10.0.6");
        _living.Add("10.10.0.6");
        Pass(5);
        Assert.Equal(("10.10.0.6", true), (Target, _guest.Answers));
        Assert.Equal(["10.10.0.6"], _guest.Remembered.Select(address => address.ToString()));
    }

    [Fact]
    public void Who_was_not_asked_has_not_failed_to_answer()
    {
        Begin("10.10.0.5");
        _living.Add("10.10.0.5");
        Pass(2);
        Assert.True(_guest.Answers);
        _areAsked = false;
        Pass(60);
        Assert.Equal(("10.10.0.5", true), (Target, _guest.Answers));
        // And it is still to be asked each second.
        _living.Clear();
        _areAsked = true;
        Pass(3);
        Assert.False(_guest.Answers);
    }

    [Fact]
    public void A_guest_that_says_nothing_is_searched_for_and_found_wherever_it_is()
    {
        foreach (var address in new[] { "10.10.0.2", "10.10.0.77", "10.10.0.254" })
        {
            _living.Clear();
            Begin();
            _living.Add(address);
            Pass(10);
            Assert.Equal((address, true), (Target, _guest.Answers));
        }
    }

    [Fact]
    public void A_search_asks_for_every_address_once_slowly_and_begins_again_ever_more_seldom()
    {
        Begin();
        Pass(8);
        Assert.True(_guest.IsInVain);
        Assert.Equal(Enumerable.Range(2, 253).Select(i => $"10.10.0.{i}"), Asked);
        _questions.Clear();
        Pass(3600);
        Assert.InRange(_questions.Count, 253 * 5, 253 * 12);
    }

    [Theory]
    [InlineData("10.10.0.0/30", "10.10.0.1", 1)]
    [InlineData("10.10.0.128/25", "10.10.0.129", 125)]
    [InlineData("10.10.0.0/16", "10.10.0.1", 4095)]
    [InlineData("10.10.0.0/16", "10.10.255.254", 4095)]
    public void A_search_stays_in_the_subnet_and_near_the_gateway(string subnet, string gateway, int asked)
    {
        Ipv4Subnet.TryParse(subnet, out var inside);
        _guest = new(inside, Ipv4Address.Parse(gateway), [], []);
        for (var i = 0; i < 200 && !_guest.IsInVain; i++)
            Pass(1);
        Assert.Equal(asked, _questions.Distinct().Count(), tolerance: 1);
        Assert.All(_questions, address => Assert.True(inside.Contains(address) && address != inside.Address && address != inside.Broadcast
            && address.ToString() != gateway));
    }

    [Fact]
    public void Nobody_is_asked_while_the_port_is_down_and_all_anew_when_it_comes_up()
    {
        Begin("10.10.0.5");
        Pass(20, isUp: false);
        Assert.Empty(_questions);
        _living.Add("10.10.0.5");
        Pass(1);
        Assert.Equal(["10.10.0.5"], Asked);
        Pass(2);
        Assert.True(_guest.Answers);
    }

    [Fact]
    public void A_target_that_lives_is_asked_for_now_and_then_and_nothing_else()
    {
        Begin("10.10.0.5");
        _living.Add("10.10.0.5");
        Pass(60);
        Assert.InRange(_questions.Count, 9, 14);
        Assert.True(_guest.Answers);
        Assert.Equal(["10.10.0.5"], Asked.Distinct());
    }

    [Fact]
    public void A_changed_address_takes_over_within_seconds_whether_it_speaks_or_only_waits()
    {
        Begin("10.10.0.5");
        _living.Add("10.10.0.5");
        Pass(30);
        _living.Remove("10.10.0.5");
        _living.Add("10.10.0.9");
        Speak("10.10.0.9");
        Pass(7);
        Assert.Equal("10.10.0.9", Target);

        _living.Remove("10.10.0.9");
        _living.Add("10.10.0.200");
        Pass(25);
        Assert.Equal("10.10.0.200", Target);
    }

    [Fact]
    public void Of_two_that_live_the_one_that_spoke_last_is_the_target_also_when_only_its_packets_are_heard()
    {
        Begin();
        _living.UnionWith(["10.10.0.5", "10.10.0.6"]);
        Speak("10.10.0.5");
        Pass(10);
        Assert.Equal("10.10.0.5", Target);
        _guest.Heard.HearPacket(Ipv4Address.Parse("10.10.0.6"), IpProtocol.Udp, new byte[8], _now);
        Pass(5);
        Assert.Equal("10.10.0.6", Target);
        Assert.Equal(["10.10.0.6", "10.10.0.5"], _guest.Remembered.Select(address => address.ToString()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(20)]
    public void Two_that_live_and_speak_in_turns_do_not_take_turns_as_the_target(int seconds)
    {
        Begin();
        _living.UnionWith(["10.10.0.5", "10.10.0.6"]);
        var (changes, before) = (0, (string?)null);
        for (var i = 0; i < 600 / seconds; i++)
        {
            Speak(i % 2 == 0 ? "10.10.0.5" : "10.10.0.6");
            for (var second = 0; second < seconds; second++)
            {
                Pass(1);
                changes += before is not null && Target != before ? 1 : 0;
                before = Target;
            }
        }
        Assert.InRange(changes, 0, 8);
    }

    [Fact]
    public void A_guest_that_has_one_address_after_the_other_is_followed_ever_more_slowly()
    {
        Begin();
        var changes = 0;
        for (var i = 0; i < 600; i++)
        {
            var before = Target;
            _living.Clear();
            _living.Add($"10.10.0.{2 + i / 4 % 200}");
            Speak(_living.Single());
            Pass(1);
            changes += Target != before ? 1 : 0;
        }
        Assert.InRange(changes, 2, 20);
    }

    [Fact]
    public void Forged_sources_are_never_the_target_and_don_t_push_it_out()
    {
        Begin("10.10.0.5");
        _living.Add("10.10.0.5");
        for (var i = 0; i < 600; i++)
        {
            for (var j = 0; j < 20; j++)
                _guest.Heard.HearPacket(Ipv4Address.Parse($"10.10.0.{6 + (i * 20 + j) % 240}"), IpProtocol.Udp, new byte[8], _now);
            Pass(1);
            Assert.Equal("10.10.0.5", Target);
        }
        Assert.Equal(["10.10.0.5"], _guest.Remembered.Select(address => address.ToString()));
        Assert.True(_questions.Count < 600 * 6, $"{_questions.Count} questions in 600 seconds");
    }

    [Fact]
    public void A_target_that_another_port_claims_is_given_up_when_it_doesn_t_answer_and_kept_when_it_does()
    {
        Begin("10.10.0.5");
        _living.Add("10.10.0.5");
        Pass(20, isContested: true);
        Assert.Equal("10.10.0.5", Target);
        _living.Clear();
        Pass(10, isContested: true);
        Assert.Null(Target);
        Assert.Empty(_guest.Remembered);

        Begin("10.10.0.5");
        Pass(1, isUp: false, isContested: true);
        Assert.Null(Target);
    }

    [Fact]
    public void What_is_remembered_counts_only_where_a_guest_can_have_it()
    {
        Begin("10.10.0.1", "10.10.0.0", "10.10.0.255", "192.0.2.1", "10.10.0.7", "10.10.0.7", "10.10.0.8");
        Assert.Equal("10.10.0.7", Target);
    }

    [Fact]
    public void A_second_has_news_only_when_something_was_heard_or_decided()
    {
        Begin("10.10.0.5");
        Assert.False(Tick());
        _guest.Heard.HearArp(new(ArpMessage.Reply, new(0x0600_0000_0005), Ipv4Address.Parse("10.10.0.5"), default, default), _now);
        Assert.True(Tick());
        Assert.False(Tick());
        Speak("10.10.0.6");
        Assert.True(Tick());
        Assert.False(Tick());
    }

    private bool Tick() => _guest.Tick(_now, isUp: true, isContested: false, maySearch: true, []);

    private string? Target => _guest.Address?.ToString();

    private IEnumerable<string> Asked => _questions.Select(address => address.ToString());

    private void Begin(params string[] remembered)
    {
        Ipv4Subnet.TryParse("10.10.0.0/24", out var subnet);
        _guest = new(subnet, Ipv4Address.Parse("10.10.0.1"), remembered.Select(text => Ipv4Address.Parse(text)), []);
        _questions.Clear();
    }

    private void Speak(string address) =>
        _guest.Heard.HearArp(
            new(ArpMessage.Request, new(0x0600_0000_0005), Ipv4Address.Parse(address), default, Ipv4Address.Parse("10.10.0.1")), _now);

    /// <summary>Seconds in which whoever lives answers what it is asked.</summary>
    private void Pass(int seconds, bool isUp = true, bool isContested = false)
    {
        for (; seconds > 0; seconds--)
        {
            var questions = new List<Ipv4Address>();
            Ipv4Address[] remembered = [.. _guest.Remembered];
            var isNews = _guest.Tick(_now, isUp, isContested, maySearch: true, questions);
            // Nobody looks at what is remembered in a second that has no news.
            Assert.True(isNews || remembered.SequenceEqual(_guest.Remembered));
            if (!_areAsked)
            {
                questions.ForEach(_guest.TakeBack);
                questions.Clear();
            }
            _questions.AddRange(questions);
            _now += TimeSpan.FromMilliseconds(1);
            foreach (var address in questions.Where(address => _living.Contains(address.ToString())))
                _guest.Heard.HearArp(new(ArpMessage.Reply, new(0x0600_0000_0005), address, default, Ipv4Address.Parse("10.10.0.1")), _now);
            _now += TimeSpan.FromMilliseconds(999);
        }
    }
}
