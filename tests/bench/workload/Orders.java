// SPDX-License-Identifier: GPL-2.0-or-later
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * A business-object load in the manner of SPECjbb: each thread owns a warehouse (stock, customers,
 * open orders) and runs a fixed number of transactions of five kinds. The work of a round is the same
 * every time, so rounds after the JVM has warmed up compare between systems.
 *
 *   java Orders WAREHOUSES TRANSACTIONS ROUNDS      prints the milliseconds of each round
 */
public class Orders {
    static final int ITEMS = 20_000, CUSTOMERS = 3_000;

    static final class Item {
        final double price;
        long quantity = 1_000;

        Item(int id) {
            price = 1 + id % 97;
        }
    }

    static final class Order {
        final int customer;
        final List<int[]> lines = new ArrayList<>();
        double total;

        Order(int customer) {
            this.customer = customer;
        }
    }

    static final class Warehouse implements Runnable {
        final Random random;
        final int transactions;
        final TreeMap<Integer, Item> stock = new TreeMap<>();
        final HashMap<Integer, Double> balance = new HashMap<>();
        final ArrayDeque<Order> open = new ArrayDeque<>();
        final ArrayList<String> history = new ArrayList<>();
        long check;

        Warehouse(int seed, int transactions) {
            random = new Random(seed);
            this.transactions = transactions;
            for (int i = 0; i < ITEMS; i++)
                stock.put(i, new Item(i));
            for (int i = 0; i < CUSTOMERS; i++)
                balance.put(i, 0.0);
        }

        public void run() {
            for (int i = 0; i < transactions; i++) {
                int kind = random.nextInt(100);
                if (kind < 44)
                    newOrder();
                else if (kind < 87)
                    payment();
                else if (kind < 91)
                    orderStatus();
                else if (kind < 95)
                    delivery();
                else
                    stockLevel();
            }
        }

        void newOrder() {
            Order order = new Order(random.nextInt(CUSTOMERS));
            int lines = 5 + random.nextInt(11);
            for (int i = 0; i < lines; i++) {
                int id = random.nextInt(ITEMS), quantity = 1 + random.nextInt(10);
                Item item = stock.get(id);
                item.quantity -= quantity;
                if (item.quantity < 10)
                    item.quantity += 91;
                order.lines.add(new int[] {id, quantity});
                order.total += quantity * item.price;
            }
            open.add(order);
        }

        void payment() {
            int customer = random.nextInt(CUSTOMERS);
            double amount = random.nextDouble() * 5_000;
            balance.merge(customer, -amount, Double::sum);
            history.add("p" + customer + ":" + amount);
            if (history.size() > 2_000)
                history.clear();
        }

        void orderStatus() {
            Order last = open.peekLast();
            if (last != null)
                check += last.lines.size();
        }

        void delivery() {
            for (int i = 0; i < 10 && !open.isEmpty(); i++) {
                Order order = open.poll();
                balance.merge(order.customer, order.total, Double::sum);
            }
        }

        void stockLevel() {
            int first = random.nextInt(ITEMS - 5_000), seen = 0;
            for (Item item : stock.tailMap(first, true).values()) {
                if (item.quantity < 20)
                    check++;
                if (++seen == 1_000)
                    break;
            }
        }
    }

    public static void main(String[] args) throws Exception {
        int warehouses = Integer.parseInt(args[0]), transactions = Integer.parseInt(args[1]), rounds = Integer.parseInt(args[2]);
        for (int round = 0; round < rounds; round++) {
            Warehouse[] all = new Warehouse[warehouses];
            Thread[] threads = new Thread[warehouses];
            for (int i = 0; i < warehouses; i++)
                all[i] = new Warehouse(i + 1, transactions);
            long start = System.nanoTime();
            for (int i = 0; i < warehouses; i++)
                (threads[i] = new Thread(all[i])).start();
            for (Thread thread : threads)
                thread.join();
            long micros = (System.nanoTime() - start) / 1_000, check = 0;
            for (Warehouse warehouse : all)
                check += warehouse.check;
            System.out.println("orders warehouses=" + warehouses + " round=" + round + " us=" + micros + " check=" + check);
        }
    }
}
