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
}
