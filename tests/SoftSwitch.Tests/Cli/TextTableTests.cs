using SoftSwitch.Cli;
using SoftSwitch.Cli.Tables;

namespace SoftSwitch.Tests.Cli;

public class TextTableTests
{
    [Fact]
    public void Columns_are_aligned_numbers_to_the_right_and_no_line_ends_with_a_blank()
    {
        var table = new TextTable("NAME", ">COUNT", "HELP").Add("a", 1, "short").Add("longer", 1234567, "").Add("", 5, "x");
        Assert.Equal("NAME      COUNT  HELP\na             1  short\nlonger  1234567\n              5  x\n", table.Render(colors: false));
    }

    [Fact]
    public void Colours_surround_the_text_and_change_no_width()
    {
        var table = new TextTable("STATE", ">N").Add(new Cell("up", CellColor.Green), 1);
        Assert.Equal("STATE  N\n\e[32mup\e[0m     1\n", table.Render(colors: true));
        Assert.Equal("STATE  N\nup     1\n", table.Render(colors: false));
    }

    [Fact]
    public void A_control_character_can_not_leave_its_cell()
    {
        Assert.Equal("A\nx?[2J?y\n", new TextTable("A").Add("x\e[2J\ny").Render(colors: false));
    }

    [Fact]
    public void A_row_of_another_length_is_refused() => Assert.Throws<ArgumentException>(() => new TextTable("A", "B").Add("x"));

    private static TextTable Ports() => new TextTable("NAME", "MAC", ">MTU", ">BYTES", "~REASON").Dispensable("MTU", "BYTES")
        .Add("web", "52:54:00:00:00:01", 1500, "1.23 MB", "")
        .Add("db", "52:54:00:00:00:02", 1500, "0 B", "interface db is down or has no carrier: plug it in");

    [Fact]
    public void A_table_that_fits_is_what_it_was()
    {
        Assert.Equal(Ports().Render(colors: false), Ports().Render(colors: false, width: 200));
        Assert.Empty(Ports().LeftOut);
    }

    [Fact]
    public void The_last_text_goes_on_below_itself()
    {
        Assert.Equal(
            """
            NAME  MAC                 MTU    BYTES  REASON
            web   52:54:00:00:00:01  1500  1.23 MB
            db    52:54:00:00:00:02  1500      0 B  interface db is down or
                                                    has no carrier: plug it in

            """, Ports().Render(colors: false, width: 66));
    }

    [Fact]
    public void Columns_that_can_be_spared_go_first_and_are_named()
    {
        var table = Ports();
        Assert.Equal(
            """
            NAME  MAC                  BYTES
            web   52:54:00:00:00:01  1.23 MB
            db    52:54:00:00:00:02      0 B
                interface db is down or has
                no carrier: plug it in

            """, table.Render(colors: false, width: 32));
        Assert.Equal(["MTU"], table.LeftOut);
    }

    [Fact]
    public void Text_that_finds_little_room_beside_its_row_stands_below_it()
    {
        Assert.Equal(
            """
            NAME  MAC                 MTU    BYTES
            web   52:54:00:00:00:01  1500  1.23 MB
            db    52:54:00:00:00:02  1500      0 B
                interface db is down or has no carrier: plug
                it in

            """, Ports().Render(colors: false, width: 49));
    }

    [Fact]
    public void Names_are_cut_last() =>
        Assert.Equal("NAME      N\nlonger-…  1\n", new TextTable("NAME", ">N").Add("longer-than-that", 1).Render(colors: false, width: 11));

    [Fact]
    public void Whatever_the_width_no_line_is_longer_and_none_ends_with_a_blank()
    {
        for (var width = 24; width < 120; width++)
            Assert.All(Ports().Render(colors: false, width).Split('\n'),
                line => Assert.True(line.Length <= width && line == line.TrimEnd(), $"{width}: '{line}'"));
    }

    [Fact]
    public void A_screen_shows_what_fits_and_counts_the_rest()
    {
        Assert.Equal("one\ntwo\n", Wrapped.Clip("one\ntwo\n", (10, 3)));
        Assert.Equal("one\n… and 2 more lines\n", Wrapped.Clip("one\ntwo\nthree\n", (40, 3)));
        Assert.Equal("a long li…\n", Wrapped.Clip("a long line of text\n", (10, 3)));
        // What is said to a person is wrapped before, and a path is whole in it.
        Assert.Equal("on\n/run/softs\nwitch/a.so\nck (start\none)\n",
            Wrapped.Clip(Wrapped.Lines("on /run/softswitch/a.sock (start one)", 10, ""), (10, 9)));
        Assert.Equal("0123456789\n  abcdefgh\n  ij kl\n", Wrapped.Lines("0123456789 abcdefghij kl", 10, "  "));
    }
}
